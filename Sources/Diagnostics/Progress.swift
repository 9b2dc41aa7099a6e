/// A step of long work, for people who wait.
public struct ProgressEvent: Sendable {
  /// What is going on, such as `train lstm`.
  public var stage: String
  /// Units done.
  public var completed: Int
  /// Units in all; 0 when unknown.
  public var total: Int
  /// A short remark, such as the current loss.
  public var detail: String

  /// Makes an event.
  public init(stage: String, completed: Int, total: Int, detail: String = "") {
    (self.stage, self.completed, self.total, self.detail) = (stage, completed, total, detail)
  }
}

/// Receives progress; called from any thread.
public typealias ProgressSink = @Sendable (ProgressEvent) -> Void
