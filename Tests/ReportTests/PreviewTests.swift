import Foundation
import Report
import Telemetry
import Testing

/// Writes sample pages for people and browsers to look at.
@Suite(
  .enabled(
    if: ProcessInfo.processInfo.environment["AUTOPILOT_REPORT_PREVIEW"] != nil,
    "set AUTOPILOT_REPORT_PREVIEW to a folder to get sample pages in it"))
struct PreviewTests {
  private func write(_ text: String, _ name: String) throws {
    let folder = try #require(ProcessInfo.processInfo.environment["AUTOPILOT_REPORT_PREVIEW"])
    let file = URL(filePath: folder).appending(path: name)
    try Data(text.utf8).write(to: file)
    #expect(try Data(contentsOf: file).count == text.utf8.count)
  }

  @Test func `an everyday report`() throws {
    var content = try Scene.everyday.content()
    content.notes = ["Alert boundaries rest on few cells: expect more alarms."]
    try write(HTMLReport(content).render(), "everyday.html")
    try write(TerminalReport(content.evaluation).text, "everyday.txt")
  }

  @Test func `many services`() throws {
    var scene = Scene(services: (1...46).map { "service-\($0)" }, cells: 919)
    scene.add("F-1", "service-3", "latency", 600..<603)
    scene.add("F-2", "service-17", "error_burst", 700..<706)
    scene.add("F-3", "service-41", "code_defect", 800..<804)
    try write(HTMLReport(try scene.content(title: "many services")).render(), "many.html")
  }

  @Test func `a long series`() throws {
    var scene = Scene(services: ["rds_cpu_utilization"], cells: 47_000)
    for index in 0..<50 {
      scene.add(
        "L-\(index)", "rds_cpu_utilization", "spike", 26_000 + index * 400..<26_030 + index * 400)
    }
    try write(HTMLReport(try scene.content(title: "a long series")).render(), "long.html")
  }

  @Test func `long names`() throws {
    let name =
      "kubernetes.production.eu-central-1." + String(repeating: "very_long_name_", count: 6)
    var scene = Scene(services: [name, "b"], cells: 1000)
    scene.add("I-" + name, name, name, 700..<750)
    try write(HTMLReport(try scene.content(title: name)).render(), "names.html")
  }
}
