public import Detection
public import Features
public import Ingest
public import IsolationForest
public import LSTM
public import Scoring
public import Signing
public import Telemetry

/// Everything `autopilot run` does, read from one YAML file.
public struct PipelineConfiguration: Sendable {
  /// The model's name in the registry.
  public var name: String
  /// Start of all randomness.
  public var seed: UInt64
  /// What is read.
  public var reader: IngestConfiguration
  /// What is computed from it.
  public var features: FeaturesSection
  /// What is trained.
  public var models: ModelsSection
  /// What is measured.
  public var evaluation: EvaluationSection
  /// Where versions go.
  public var registry: RegistrySection
  /// SHA-256 of what the document says about seed, features, models and evaluation, whatever its order
  /// and comments; nil for a configuration that was not read from a document.
  public var statementsDigest: String?

  /// The `features` section.
  public struct FeaturesSection: Hashable, Sendable {
    /// Trailing windows.
    public var windows: [TimeSpan] = []
    /// Which features are computed over them.
    public var set = FeatureSet.default
    /// Features beyond the set.
    public var added: [AddedFeature] = []
    /// Log templates with a channel of their own, per service.
    public var trackedTemplates = 8
    /// Whether logs are used.
    public var logs = true
    /// Share of the training cells in which a metric must be present.
    public var minimumCoverage = 0.1
    /// Whether the usual course of the day is taken off metrics that have one.
    public var dailyCourse = true
  }

  /// A feature that a configuration adds to a set.
  public struct AddedFeature: Hashable, Sendable {
    /// The feature.
    public var feature: CatalogueFeature
    /// Windows of its own; nil for those of the section, which a feature without a window ignores.
    public var windows: [TimeSpan]?
  }

  /// The `models` section.
  public struct ModelsSection: Hashable, Sendable {
    /// The isolation forest, nil when disabled.
    public var forest: IsolationForestConfiguration? = IsolationForestConfiguration()
    /// The LSTM forecaster, nil when disabled.
    public var forecast: ForecastSection? = ForecastSection()
    /// What every model is compared with.
    public var baselines = BaselineConfiguration()
    /// Names of the baselines that are members of the ensemble too: `pca`, `pca_windowed`,
    /// `autoregression`.
    public var members: Set<String> = []
    /// Whether the robust deviation of the features is a member of the ensemble.
    public var usesDeviation = true
    /// Share of calibration cells that may lie above the alert boundary, when no rule says other.
    public var falseAlarmRate = 0.001
    /// How the alert boundary is fixed; nil for the quantile of `falseAlarmRate`.
    public var threshold: BoundaryRule?
    /// How the alert boundary is fixed.
    public var boundary: BoundaryRule { threshold ?? .quantile(exceedance: falseAlarmRate) }
    /// Time on both sides of an incident that is not trained on either.
    public var incidentMargin = TimeSpan.zero
  }

  /// The `models.lstm` section.
  public struct ForecastSection: Hashable, Sendable {
    /// Size and training of the networks.
    public var network = LSTMConfiguration()
    /// Span of the exponential smoothing of errors, in cells; 1 for none.
    public var smoothing = 20
    /// How errors become scores.
    public var score = ErrorScore.smoothed
    /// Whether time of day and day of week are inputs.
    public var calendar = true
    /// How networks are trained further for each service that shares one; nil for not at all.
    public var fineTuning: FineTuningSection?
    /// How much services count beside others in training; 1 for those not named.
    public var serviceWeights: [String: Double] = [:]
    /// Time from the start of the command after which networks are trained no further.
    public var maxDuration: TimeSpan?
    /// Least time between two checkpoints of a network.
    public var checkpointInterval = TimeSpan.minutes(10)
  }

  /// The `models.lstm.fine_tuning` section.
  public struct FineTuningSection: Hashable, Sendable {
    /// Step size; nil for a tenth of the shared network's.
    public var learningRate: Float?
    /// Most epochs.
    public var epochs = 10
    /// Epochs without improvement after which it stops.
    public var patience = 3
    /// Beginnings of the names of tensors that stay as they are.
    public var frozen: [String] = []

    /// Makes the default.
    public init() {}
  }

  /// The `evaluation` section.
  public struct EvaluationSection: Hashable, Sendable {
    /// How time is divided.
    public var split = SplitPlan.fractions(train: 0.5, calibration: 0.2)
    /// How alarms are judged.
    public var rules = AlarmRules()
  }

  /// The `registry` section.
  public struct RegistrySection: Hashable, Sendable {
    /// The registry's folder or address; nil for `registry` in the output folder.
    public var path: String?
    /// The private key's file that versions are signed with; nil for none.
    public var signKey: String?
    /// Whose signatures versions need; nil for none.
    public var trust: TrustPolicy?
    /// The alias that a published version gets.
    public var alias = "champion"
    /// Whether artifacts get ONNX files; nil adds them where there are few services.
    public var onnx: Bool?
    /// How long after the end of its calibration a model is meant to be used; nil without an end.
    public var expiresAfter: TimeSpan?
  }
}
