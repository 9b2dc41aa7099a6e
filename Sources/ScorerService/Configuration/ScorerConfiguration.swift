public import Signing
public import Telemetry

/// What a scorer does, as `scorer.yaml` says it.
public struct ScorerConfiguration: Sendable {
  /// Where a server listens.
  public struct Endpoint: Hashable, Sendable {
    /// An address of the machine.
    public var address: String
    /// The port; 0 lets the system choose.
    public var port: Int
  }

  /// Files for encrypted connections; read again when they change.
  public struct EncryptionFiles: Hashable, Sendable {
    /// Certificate chain in PEM.
    public var certificate: String
    /// Its private key in PEM.
    public var key: String
    /// Authorities that clients' certificates must come from; nil asks for none.
    public var clientAuthorities: String?
  }

  /// Where rows come from.
  public struct Inputs: Hashable, Sendable {
    /// A Prometheus that is asked.
    public var prometheus: PrometheusInput?
    /// A Loki that is asked.
    public var loki: LokiInput?
    /// Whether clients may send rows.
    public var push = true
    /// Whether a Prometheus may write samples.
    public var remoteWrite = false
  }

  /// A Prometheus that is asked.
  public struct PrometheusInput: Hashable, Sendable {
    /// Its address.
    public var url: String
    /// Selector of the series.
    public var match: String?
    /// How long after the end of a cell it is asked for.
    public var delay = TimeSpan.seconds(30)
    /// Longest wait for an answer.
    public var timeout = TimeSpan.seconds(10)
    /// File with a bearer token.
    public var tokenFile: String?
    /// File with authorities of its certificate.
    public var authorities: String?
    /// Tenant of a server that has several.
    public var tenant: String?
    /// Distance of samples, a divisor of the model's interval; nil for the interval.
    public var step: TimeSpan?
  }

  /// A Loki that is asked.
  public struct LokiInput: Hashable, Sendable {
    /// Its address.
    public var url: String
    /// Selector of the streams.
    public var query: String?
    /// How long after the end of a cell it is asked for.
    public var delay = TimeSpan.seconds(10)
    /// Longest wait for an answer.
    public var timeout = TimeSpan.seconds(10)
    /// File with a bearer token.
    public var tokenFile: String?
    /// File with authorities of its certificate.
    public var authorities: String?
    /// Tenant of a server that has several.
    public var tenant: String?
  }

  /// A Prometheus that scores are written to.
  public struct ScoreOutput: Hashable, Sendable {
    /// Its endpoint, such as `http://prometheus:9090/api/v1/write`.
    public var url: String
    /// File with a bearer token.
    public var tokenFile: String?
    /// File with authorities of its certificate.
    public var authorities: String?
    /// Tenant of a server that has several.
    public var tenant: String?
  }

  /// Where alerts go.
  public struct AlertmanagerOutput: Hashable, Sendable {
    /// Addresses of a cluster's members; every one is told.
    public var urls: [String]
    /// How long a score has to be at least 1 before an alert fires.
    public var hold = TimeSpan.minutes(10)
    /// How long an alert stays after the score fell.
    public var keepFiring = TimeSpan.minutes(15)
    /// Labels of every alert.
    public var labels: [String: String] = [:]
    /// Page that says what to do.
    public var runbook: String?
    /// Page that shows the service; `{service}` is replaced.
    public var dashboard: String?
    /// How people reach this scorer, for verdict links; nil for none.
    public var scorerURL: String?
    /// File with the key of verdict links, for replicas that share one; nil for one that is made in the
    /// folder of state.
    public var verdictKey: String?
    /// File with a bearer token.
    public var tokenFile: String?
    /// File with authorities of its certificate.
    public var authorities: String?
  }

  /// What is refused.
  public struct Limits: Hashable, Sendable {
    /// Largest body of a request, in bytes.
    public var body = 8 << 20
    /// Most services that are scored.
    public var services = 5_000
    /// Most series that are kept of remote writes.
    public var series = 200_000
    /// Most requests under way.
    public var queue = 256
    /// Most requests in a second, and as many at once.
    public var requestsPerSecond = 2_000
    /// Rows that ended longer ago are too old.
    public var oldest = TimeSpan.days(7)
    /// Rows that end further ahead of the clock are from the future.
    public var ahead = TimeSpan.minutes(1)
  }

  /// The model: `<registry>/<name>@<alias or version>`, or an artifact's folder.
  public var model: String
  /// What is scored beside it: another reference, or an alias or version of the same model.
  public var shadow: String?
  /// How often the registry is asked where the aliases are.
  public var poll = TimeSpan.seconds(30)
  /// Whose signatures models need; nil for none.
  public var trust: TrustPolicy?
  /// Folder of what outlives the process.
  public var state: String
  /// The server that clients talk to.
  public var listen: Endpoint
  /// The server for metrics, and for health where clients need certificates.
  public var metrics: Endpoint
  /// Encryption of the first server; nil for none.
  public var encryption: EncryptionFiles?
  /// File of bearer tokens, one a line; nil asks for none.
  public var tokens: String?
  /// Where rows come from.
  public var inputs = Inputs()
  /// Where alerts go; nil for nowhere.
  public var alertmanager: AlertmanagerOutput?
  /// Where scores are written; nil for nowhere.
  public var scores: ScoreOutput?
  /// Known incidents, during which nothing is alerted on.
  public var incidents: String?
  /// File that verdicts are added to.
  public var verdicts: String?
  /// What is refused.
  public var limits = Limits()
}
