internal import Scoring
internal import Storage

/// Text of an answer as it grows.
struct AnswerWriter {
  private(set) var bytes: [UInt8] = []

  init(capacity: Int) { bytes.reserveCapacity(capacity) }

  mutating func add(_ text: StaticString) {
    unsafe bytes.append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func add(_ text: String) { bytes.append(contentsOf: text.utf8) }

  mutating func add(quoted text: String) { add(JSONValue.string(text).text()) }

  mutating func add(_ number: Int) { add(String(number)) }

  /// The shortest text that reads as the same float; null when it is none.
  mutating func add(_ score: Float) {
    guard score.isFinite else { return add("null" as StaticString) }
    // Swift writes large and small ones as 1e+20, which is JSON too.
    add(score.description)
  }

  /// Elements with commas between them.
  mutating func list<Element>(
    _ elements: some Sequence<Element>, _ body: (inout AnswerWriter, Element) -> Void
  ) {
    var isFirst = true
    for element in elements {
      if !isFirst { bytes.append(0x2C) }
      isFirst = false
      body(&self, element)
    }
  }
}

extension AnswerWriter {
  /// The answer to rows in plain JSON.
  static func rows(_ scored: [ScoredRow], model: ServedModel) -> [UInt8] {
    var answer = AnswerWriter(capacity: 128 + scored.count * 160)
    answer.add("{\"model\":" as StaticString)
    answer.add(quoted: model.name)
    answer.add(",\"version\":" as StaticString)
    answer.add(quoted: model.versionText)
    answer.add(",\"names\":[" as StaticString)
    answer.list(model.scoring.scoreNames) { $0.add(quoted: $1) }
    answer.add("],\"rows\":[" as StaticString)
    answer.list(scored) { answer, row in
      answer.add("{\"result\":\"" as StaticString)
      answer.add(row.outcome.rawValue)
      if let score = row.scores.last {
        answer.add("\",\"score\":" as StaticString)
        answer.add(score)
        answer.add(",\"scores\":[" as StaticString)
        answer.list(row.scores) { $0.add($1) }
        answer.add("]}" as StaticString)
      } else {
        answer.add("\"}" as StaticString)
      }
    }
    answer.add("]}" as StaticString)
    return answer.bytes
  }

  /// The answer to a request of the Open Inference Protocol.
  static func inference(
    _ scored: [ScoredRow], model: ServedModel, id: String?
  ) -> [UInt8] {
    var answer = AnswerWriter(capacity: 512 + scored.count * 100)
    answer.add("{\"model_name\":" as StaticString)
    answer.add(quoted: model.name)
    answer.add(",\"model_version\":" as StaticString)
    answer.add(quoted: model.versionText)
    if let id {
      answer.add(",\"id\":" as StaticString)
      answer.add(id)
    }
    let columns = model.scoring.detectors.count + 1
    answer.add(
      ",\"outputs\":[{\"name\":\"score\",\"datatype\":\"FP32\",\"shape\":[" as StaticString)
    answer.add(scored.count)
    answer.add("],\"data\":[" as StaticString)
    answer.list(scored) { $0.add($1.scores.last ?? .nan) }
    answer.add("]},{\"name\":\"scores\",\"datatype\":\"FP32\",\"shape\":[" as StaticString)
    answer.add(scored.count)
    answer.add("," as StaticString)
    answer.add(columns)
    answer.add("],\"data\":[" as StaticString)
    answer.list(scored) { answer, row in
      answer.list(0..<columns) { $0.add(row.scores.isEmpty ? .nan : row.scores[$1]) }
    }
    answer.add("]},{\"name\":\"result\",\"datatype\":\"BYTES\",\"shape\":[" as StaticString)
    answer.add(scored.count)
    answer.add("],\"data\":[" as StaticString)
    answer.list(scored) { answer, row in
      answer.add("\"" as StaticString)
      answer.add(row.outcome.rawValue)
      answer.add("\"" as StaticString)
    }
    answer.add("]}]}" as StaticString)
    return answer.bytes
  }
}
