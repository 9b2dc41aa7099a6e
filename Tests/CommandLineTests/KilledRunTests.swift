import Foundation
import Storage
import Testing

@Suite struct KilledRunTests {
  @Test func `a run killed at ten moments and started again ends whole, without stray files`()
    throws
  {
    let workspace = try Workspace()
    try workspace.makeSystem()
    let clean = try Tool.run(["run", "run.yaml", "--out", "clean", "-q"], in: workspace.path)
    #expect(clean.code == 0)
    let expected = workspace.files(under: "clean")

    // One uninterrupted run's length, so that the kills spread over all of a run.
    let started = ContinuousClock.now
    #expect(
      try Tool.run(["run", "run.yaml", "--out", "timing", "-q"], in: workspace.path).code == 0)
    let length = (ContinuousClock.now - started) / .milliseconds(1)
    // On a busy machine runs may end before they are killed; others take their place.
    var (killed, attempt) = (0, 0)
    while killed < 10, attempt < 100 {
      attempt += 1
      // Half of the runs meet what a killed one left, half start from nothing.
      if attempt % 2 == 1 { try workspace.remove("out") }
      let process = Tool.process(["run", "run.yaml", "-q"], in: workspace.path)
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      usleep(UInt32(length * 1000 * (Double(attempt * 7 % 10) + 0.5) / 10))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      if process.terminationReason == .uncaughtSignal { killed += 1 }
      let left = workspace.files(under: "out")
        .filter { !$0.contains(".staging/") && !$0.hasPrefix("checkpoints/") }
      #expect(left.allSatisfy { expected.contains($0) }, "\(left)")
      // Whatever is in place is whole: every version's files are those its manifest lists.
      for file in workspace.files(under: "out/registry") where !file.hasPrefix(".staging/") {
        #expect(
          try workspace.read("out/registry/\(file)") == workspace.read("clean/registry/\(file)"))
      }
    }
    #expect(killed == 10)

    let last = try Tool.run(["run", "run.yaml", "-q"], in: workspace.path)
    #expect(last.code == 0, "\(last.errors)")
    #expect(workspace.files(under: "out") == expected)
    for file in expected {
      #expect(try workspace.read("out/\(file)") == workspace.read("clean/\(file)"), "\(file)")
    }
  }

  @Test func `a second run on the same folder is turned away while the first one works`() throws {
    let workspace = try Workspace()
    try workspace.makeSystem()
    let area = try StagingArea(root: "\(workspace.path)/out")
    let result = try Tool.run(["run", "run.yaml"], in: workspace.path)
    #expect(result.code == 1)
    #expect(result.errors.contains("another run is writing here"))
    area.close()
    #expect(try Tool.run(["run", "run.yaml", "-q"], in: workspace.path).code == 0)
  }
}
