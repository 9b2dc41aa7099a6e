import Foundation
import ScorerService
import Settings
import Storage
import Telemetry
import Testing

@Suite("Configurations of the scorer")
struct ScorerConfigurationTests {
  private static let chart = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("k8s/helm-charts/autopilotops/values.yaml")

  @Test("What the chart writes by default is a configuration")
  func chart() throws {
    let values = try ConfigurationNode(
      parsing: String(contentsOf: Self.chart, encoding: .utf8), file: "values.yaml",
      environment: ["AUTOPILOT_REGISTRY": "s3://models/prefix", "AUTOPILOT_MODEL": "shop"])
    let configuration = try ScorerConfiguration(
      values.required("scorer").required("config"), folder: "/etc/autopilotops")
    #expect(configuration.model == "s3://models/prefix/shop@champion")
    #expect(configuration.shadow == "challenger")
    #expect(configuration.listen.address == "0.0.0.0")
    #expect(configuration.listen.port == 8080)
    #expect(configuration.metrics.port == 9464)
    #expect(configuration.inputs.prometheus?.match == "{namespace=\"shop\"}")
    #expect(configuration.inputs.prometheus?.delay == .seconds(30))
    #expect(!configuration.inputs.push)
    #expect(configuration.alertmanager?.hold == .minutes(10))
    #expect(configuration.alertmanager?.labels == ["severity": "page"])
    #expect(configuration.limits.body == 8 << 20)
    #expect(configuration.limits.requestsPerSecond == 2000)
  }

  @Test("Paths start at the file's folder, addresses of registries do not")
  func paths() throws {
    let configuration = try ScorerConfiguration(
      ConfigurationNode(
        parsing: """
          model: registry/shop@3
          state: state
          listen: {port: 1}
          metrics: {port: 2, address: 127.0.0.1}
          inputs: {push: true}
          tls: {certificate: tls.crt, key: /tls.key}
          """, file: "scorer.yaml", environment: [:]), folder: "/etc/a")
    #expect(configuration.model == "/etc/a/registry/shop@3")
    #expect(configuration.state == "/etc/a/state")
    #expect(configuration.encryption?.certificate == "/etc/a/tls.crt")
    #expect(configuration.encryption?.key == "/tls.key")
    #expect(configuration.encryption?.clientAuthorities == nil)
  }
}
