import Foundation
import Testing

@Suite struct BenchmarkCommandTests {
  /// A machine as the Server Machine Dataset publishes them, with one incident.
  private func machine(in folder: String) throws {
    func rows(_ count: Int, unwell: Range<Int>) -> String {
      (0..<count).map { row in
        let wave = Double(row % 60) / 60
        return (0..<38).map { column in
          let noise = Double((row &* 7919 &+ column &* 104_729) % 97) / 970
          return String(wave + noise + (unwell.contains(row) && column < 6 ? 3 : 0))
        }.joined(separator: ",") + "\n"
      }.joined()
    }
    for (part, text) in [
      ("train", rows(900, unwell: 0..<0)), ("test", rows(400, unwell: 200..<230)),
      ("test_label", (0..<400).map { (200..<230).contains($0) ? "1\n" : "0\n" }.joined()),
    ] {
      try FileManager.default.createDirectory(
        atPath: "\(folder)/\(part)", withIntermediateDirectories: true)
      try text.write(
        toFile: "\(folder)/\(part)/machine-1-1.txt", atomically: true, encoding: .utf8)
    }
  }

  @Test func `every detector is measured on every series`() throws {
    let workspace = try Workspace()
    try machine(in: "\(workspace.path)/smd")
    try "models: {lstm: {hidden: 8, epochs: 2}}\n".write(
      toFile: "\(workspace.path)/models.yaml", atomically: true, encoding: .utf8)
    let arguments = [
      "benchmark", "smd", "--from", "smd", "--config", "models.yaml", "--quiet", "--output", "json",
    ]
    let result = try Tool.run(arguments + ["--out", "found"], in: workspace.path)
    #expect(result.code == 0, "\(result.errors)")
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    let detectors = try #require(document["detectors"] as? [[String: Any]])
    let names = detectors.compactMap { $0["name"] as? String }
    #expect(names.starts(with: ["ensemble", "isolation_forest", "lstm", "robust_deviation"]))
    #expect(Set(names).isSuperset(of: ["random", "null", "mad", "range_rule", "pca"]))
    func vus(_ name: String) throws -> Double {
      let means = detectors.first { $0["name"] as? String == name }?["means"] as? [String: Any]
      return try #require((means?["vus_pr"] as? [String: Any])?["mean"] as? Double)
    }
    #expect(try vus("ensemble") > 0.6)
    #expect(try vus("random") < 0.3)
    let table = try String(contentsOfFile: "\(workspace.path)/found/table.md", encoding: .utf8)
    #expect(table.contains("| ensemble |"))
    // Times differ, figures do not.
    let again = try Tool.run(arguments + ["--threads", "1", "--out", "again"], in: workspace.path)
    #expect(again.code == 0)
    #expect(
      try String(contentsOfFile: "\(workspace.path)/again/table.md", encoding: .utf8) == table)
  }

  @Test(arguments: [
    (["benchmark", "smt", "--from", "."], 64, "There is no benchmark 'smt' (did you mean 'smd'?)"),
    (["benchmark", "smd", "--from", "nowhere"], 4, "nowhere"),
    (["benchmark", "smd", "--from", "smd", "--part", "machine-9"], 64, "There is no part"),
    (["benchmark", "smd", "--from", "smd", "--config", "bad.yaml"], 4, "bad.yaml:1"),
  ])
  func `wrong input is told in one line`(
    arguments: [String], code: Int32, message: String
  ) throws {
    let workspace = try Workspace()
    try machine(in: "\(workspace.path)/smd")
    try "name: shop\n".write(
      toFile: "\(workspace.path)/bad.yaml", atomically: true, encoding: .utf8)
    let result = try Tool.run(arguments + ["--quiet"], in: workspace.path)
    #expect(result.code == code)
    #expect(result.errors.contains(message), "\(result.errors)")
  }
}
