import Ingest
import Telemetry

/// Labels of a series of the service `shop` as JSON.
func labels(_ metric: String, _ rest: String = "") -> String {
  #"{"__name__":"\#(metric)","service":"shop"\#(rest)}"#
}

/// Ingests one Prometheus matrix.
func load(
  _ series: [(labels: String, samples: [(Double, String)])], every interval: TimeSpan = .minutes(1),
  adjust: (inout IngestConfiguration) -> Void = { _ in }
) throws -> Dataset {
  let folder = try TestFolder(["a.json": matrix(series)])
  return try ingest(.prometheus(path: folder.path + "/a.json"), every: interval, adjust: adjust)
}
