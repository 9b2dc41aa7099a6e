/// This program.
public enum Program {
  /// The version, as `autopilot --version` prints it and results keep it.
  public static let version = "0.1.0"
}
