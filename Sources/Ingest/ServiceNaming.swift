/// Decides which service a series or a log stream belongs to.
///
/// The first of the configured labels that is present and not empty names the service. Two
/// refinements make that fit Kubernetes: labels of an exporter that reports on others (kubelet,
/// cAdvisor, kube-state-metrics) are passed over as long as a later label names something, and a
/// pod's name loses what its controller appended. Without any of the labels the service is `system`.
struct ServiceNaming {
  /// The service of what no label assigns.
  static let unnamed = "system"
  private static let exporters: Set<String> = [
    "kubelet", "cadvisor", "kube-state-metrics", "kubernetes-cadvisor",
    "kubernetes-nodes-cadvisor", "kubernetes-nodes",
  ]
  private static let podLabels: Set<String> = ["pod", "pod_name", "kubernetes_pod_name"]

  let labels: [String]

  func service(of values: [String: String]) -> String {
    var exporter: String?
    for label in labels {
      guard let value = values[label], !value.isEmpty else { continue }
      if Self.exporters.contains(value) {
        exporter = exporter ?? value
      } else {
        return Self.podLabels.contains(label) ? workload(ofPod: value) : value
      }
    }
    return exporter ?? Self.unnamed
  }
}

/// A pod's name without what its controller appended: `-<replica set>-<pod>` of a deployment,
/// `-<pod>` of a daemon set or job, `-<number>` of a stateful set.
///
/// Kubernetes makes random suffixes of the 27 characters `bcdfghjklmnpqrstvwxz2456789`, which spell
/// no words (k8s.io/apimachinery, `util/rand`).
func workload(ofPod name: String) -> String {
  var parts = name.split(separator: "-", omittingEmptySubsequences: false)
  guard parts.count > 1, let last = parts.last else { return name }
  if last.utf8.count == 5, last.utf8.allSatisfy(isSuffixByte) {
    parts.removeLast()
    if parts.count > 1, let hash = parts.last, (6...10).contains(hash.utf8.count),
      hash.utf8.allSatisfy(isSuffixByte)
    {
      parts.removeLast()
    }
  } else if !last.isEmpty, last.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
    parts.removeLast()
  }
  return parts.joined(separator: "-")
}

/// A pod's name without its last two parts, for pods that are known to belong to deployments.
func deployment(ofPod name: String) -> String {
  let parts = name.split(separator: "-", omittingEmptySubsequences: false)
  return parts.count > 2 ? parts.dropLast(2).joined(separator: "-") : name
}

private let suffixBytes = Set("bcdfghjklmnpqrstvwxz2456789".utf8)

private func isSuffixByte(_ byte: UInt8) -> Bool { suffixBytes.contains(byte) }
