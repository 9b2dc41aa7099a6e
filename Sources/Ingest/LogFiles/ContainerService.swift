internal import Storage

/// The service of a container's log, by where runtimes keep it:
///
/// - `…/<namespace>_<pod>_<uid>/<container>/0.log` of the kubelet and
///   `<pod>_<namespace>_<container>-<id>.log` of its links are the pod's workload;
/// - `<id>/<id>-json.log` of Docker is the service of Compose, or the container's name, as the
///   configuration beside it says;
/// - any other file is its own name without endings.
func containerService(of log: RotatedLog) -> String {
  let path = log.parts[0].path
  let folders = path.folder.split(separator: "/")
  if folders.count > 1, LogFileName(path.lastComponent).base.isEmpty {
    let parts = folders[folders.count - 2].split(
      separator: "_", omittingEmptySubsequences: false)
    if parts.count == 3, !parts[1].isEmpty { return workload(ofPod: String(parts[1])) }
  }
  let parts = log.name.split(separator: "_", omittingEmptySubsequences: false)
  if parts.count == 3, !parts[0].isEmpty { return workload(ofPod: String(parts[0])) }
  guard log.name.hasSuffix("-json") else { return log.name }
  return dockerName(in: path.folder) ?? String(log.name.dropLast(5))
}

/// What Docker's configuration calls a container; nil where there is none.
private func dockerName(in folder: String) -> String? {
  let path = "\(folder)/config.v2.json"
  // The configuration only names the service better: where it cannot be read, the file's name does.
  guard FileSystem.item(at: path) == .file,
    let bytes = try? FileSystem.readFile(at: path, limit: 1 << 20)
  else { return nil }
  var reader = JSONReader(bytes, source: path)
  var (name, service): (String?, String?) = (nil, nil)
  do {
    try reader.object { key, reader in
      switch key {
      case "Name": name = try reader.string()
      case "Config":
        try reader.object { key, reader in
          guard key == "Labels", reader.peek() == 0x7B else { return try reader.skip() }
          try reader.object { key, reader in
            if key == "com.docker.compose.service" {
              service = try reader.string()
            } else {
              try reader.skip()
            }
          }
        }
      default: try reader.skip()
      }
    }
  } catch {
    return nil
  }
  let plain = (service ?? name).map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 }
  return plain?.isEmpty == false ? plain : nil
}
