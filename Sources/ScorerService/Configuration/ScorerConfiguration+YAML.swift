internal import Registry
public import Settings
internal import Signing
internal import Storage
internal import Telemetry

extension ScorerConfiguration {
  /// Reads a configuration file. Paths in it are relative to its folder.
  ///
  /// - Parameter environment: What `${NAME}` in values stands for.
  /// - Throws: `ConfigurationError` naming the line, `SigningError` for keys that cannot be used, or
  ///   `StorageError` when there is no such file.
  public init(readingFile path: String, environment: [String: String]) throws {
    let bytes = try FileSystem.readFile(at: path, limit: ConfigurationNode.sizeLimit)
    try self.init(
      ConfigurationNode(
        parsing: String(decoding: bytes, as: UTF8.self), file: path, environment: environment),
      folder: Settings.folder(of: path))
  }

  /// Reads a parsed document; relative paths in it start at `folder`.
  public init(_ node: ConfigurationNode, folder: String) throws {
    try node.check(keys: [
      "model", "shadow", "poll", "trust", "state", "listen", "metrics", "tls", "auth", "inputs",
      "alertmanager", "scores", "incidents", "verdicts", "limits",
    ])
    func path(_ node: ConfigurationNode) throws -> String { resolve(try node.string, in: folder) }
    let place = try node.required("model")
    model = resolve(
      try place.checked { _ = try ModelReference(parsing: $0) }, in: folder)
    shadow = try node.optional("shadow")?.string
    poll = try node.optional("poll")?.duration(atLeast: .seconds(1)) ?? poll
    trust = try node.optional("trust").map { try TrustPolicy($0, folder: folder) }
    state = try path(node.required("state"))
    listen = try Endpoint(node.required("listen"), port: 8080)
    metrics = try Endpoint(node.required("metrics"), port: 9464)
    encryption = try node.optional("tls").map { section in
      try section.check(keys: ["certificate", "key", "client_ca"])
      return EncryptionFiles(
        certificate: try path(section.required("certificate")),
        key: try path(section.required("key")),
        clientAuthorities: try section.optional("client_ca").map(path))
    }
    if let section = try node.optional("auth") {
      try section.check(keys: ["tokens"])
      tokens = try path(section.required("tokens"))
    }
    inputs = try Inputs(node.required("inputs"), path: path)
    alertmanager = try node.optional("alertmanager").map { try AlertmanagerOutput($0, path: path) }
    scores = try node.optional("scores").map { section in
      try section.check(keys: ["url", "token_file", "ca", "tenant"])
      return ScoreOutput(
        url: try section.required("url").address,
        tokenFile: try section.optional("token_file").map(path),
        authorities: try section.optional("ca").map(path),
        tenant: try section.optional("tenant")?.string)
    }
    incidents = try node.optional("incidents").map(path)
    verdicts = try node.optional("verdicts").map(path)
    if let section = try node.optional("limits") { limits = try Limits(section) }
  }
}

extension ScorerConfiguration.Endpoint {
  fileprivate init(_ node: ConfigurationNode, port: Int) throws {
    try node.check(keys: ["address", "port"])
    address = try node.optional("address")?.string ?? "0.0.0.0"
    self.port = try node.optional("port")?.integer(0...65_535) ?? port
  }
}

extension ScorerConfiguration.Inputs {
  fileprivate init(
    _ node: ConfigurationNode, path: (ConfigurationNode) throws -> String
  ) throws {
    try node.check(keys: ["prometheus", "loki", "push", "remote_write"])
    push = try node.optional("push")?.bool ?? false
    remoteWrite = try node.optional("remote_write")?.bool ?? false
    prometheus = try node.optional("prometheus").map { section in
      try section.check(keys: [
        "url", "match", "delay", "timeout", "token_file", "ca", "tenant", "step",
      ])
      var input = ScorerConfiguration.PrometheusInput(url: try section.required("url").address)
      input.match = try section.optional("match")?.string
      input.delay = try section.optional("delay")?.duration() ?? input.delay
      input.timeout =
        try section.optional("timeout")?.duration(atLeast: .seconds(1)) ?? input.timeout
      input.tokenFile = try section.optional("token_file").map(path)
      input.authorities = try section.optional("ca").map(path)
      input.tenant = try section.optional("tenant")?.string
      input.step = try section.optional("step")?.duration(atLeast: .seconds(1))
      return input
    }
    loki = try node.optional("loki").map { section in
      try section.check(keys: ["url", "query", "delay", "timeout", "token_file", "ca", "tenant"])
      var input = ScorerConfiguration.LokiInput(url: try section.required("url").address)
      input.query = try section.optional("query")?.string
      input.delay = try section.optional("delay")?.duration() ?? input.delay
      input.timeout =
        try section.optional("timeout")?.duration(atLeast: .seconds(1)) ?? input.timeout
      input.tokenFile = try section.optional("token_file").map(path)
      input.authorities = try section.optional("ca").map(path)
      input.tenant = try section.optional("tenant")?.string
      return input
    }
    guard prometheus != nil || loki != nil || push || remoteWrite else {
      throw node.expected("at least one input: prometheus, loki, push: true or remote_write: true")
    }
  }
}

extension ScorerConfiguration.AlertmanagerOutput {
  fileprivate init(
    _ node: ConfigurationNode, path: (ConfigurationNode) throws -> String
  ) throws {
    try node.check(keys: [
      "urls", "hold", "keep_firing", "labels", "runbook", "dashboard", "scorer_url",
      "verdict_key", "token_file", "ca",
    ])
    urls = try node.required("urls").elements.map { try $0.address }
    guard !urls.isEmpty else { throw try node.required("urls").expected("at least one address") }
    hold = try node.optional("hold")?.duration() ?? hold
    keepFiring = try node.optional("keep_firing")?.duration() ?? keepFiring
    labels = try node.optional("labels")?.fields ?? [:]
    runbook = try node.optional("runbook")?.string
    dashboard = try node.optional("dashboard")?.string
    scorerURL = try node.optional("scorer_url")?.address
    verdictKey = try node.optional("verdict_key").map(path)
    tokenFile = try node.optional("token_file").map(path)
    authorities = try node.optional("ca").map(path)
  }
}

extension ScorerConfiguration.Limits {
  fileprivate init(_ node: ConfigurationNode) throws {
    try node.check(keys: [
      "body", "services", "series", "queue", "requests_per_second", "oldest", "ahead",
    ])
    body = try node.optional("body")?.bytes(1 << 20...1 << 30) ?? body
    services = try node.optional("services")?.integer(1...1_000_000) ?? services
    series = try node.optional("series")?.integer(1...100_000_000) ?? series
    queue = try node.optional("queue")?.integer(1...1_000_000) ?? queue
    requestsPerSecond =
      try node.optional("requests_per_second")?.integer(1...10_000_000) ?? requestsPerSecond
    oldest = try node.optional("oldest")?.duration(atLeast: .minutes(1)) ?? oldest
    ahead = try node.optional("ahead")?.duration() ?? ahead
  }
}

extension ConfigurationNode {
  /// An address of a server.
  fileprivate var address: String {
    get throws {
      let text = try string
      guard text.hasPrefix("http://") || text.hasPrefix("https://") else {
        throw expected("an address that begins with http:// or https://")
      }
      return text
    }
  }
}
