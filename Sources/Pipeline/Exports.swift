// Whoever runs stages handles models and configurations too.
@_exported public import Models
@_exported public import Settings
