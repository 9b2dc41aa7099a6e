/// How a dataset was made, beside the files it was made from. Not part of its content: the same
/// measurements are the same dataset whatever made them.
public struct DatasetLineage: Hashable, Sendable {
  /// The version of the program.
  public var programVersion: String
  /// What the program was told, canonical JSON: interval, labels that name services, kinds, limits,
  /// ranges, sources without their folders.
  public var configuration: String

  /// Makes a lineage.
  public init(programVersion: String, configuration: String) {
    (self.programVersion, self.configuration) = (programVersion, configuration)
  }
}
