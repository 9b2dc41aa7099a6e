internal import Alerting
internal import Diagnostics
internal import Foundation
internal import ScorerService
internal import Storage
internal import Telemetry

/// The page of a verdict link and what its form sends; and verdicts of those who show a token.
struct VerdictRoutes: Sendable {
  /// Anybody may ask for them, so that they must not take what rows need. People send them.
  private static let limits = ServedRoute.Limits(body: 16 << 10, underWay: 16, perSecond: 50)

  private let desk: VerdictDesk
  private let alerts: AlertingOutput?
  /// Whether the server asks for tokens.
  private let hasTokens: Bool

  init(_ configuration: ScorerConfiguration, links: VerdictLinks?, desk alerts: AlertingOutput?) {
    desk = VerdictDesk(path: configuration.verdicts ?? "", links: links)
    self.alerts = alerts
    hasTokens = configuration.tokens != nil
  }

  var routes: [ServedRoute] {
    [
      ServedRoute(
        method: "GET", path: "/api/v1/verdicts", endpoint: .verdicts, needsToken: false,
        limits: Self.limits
      ) { [desk] request in
        served(await desk.page(request.query, now: AlertClock.system.now()))
      },
      // The link's own token is what counts here.
      ServedRoute(
        method: "POST", path: "/api/v1/verdicts", endpoint: .verdicts, needsToken: false,
        limits: Self.limits
      ) { await submit($0, isTrusted: false) },
      ServedRoute(method: "POST", path: "/v1/verdicts", endpoint: .verdicts, limits: Self.limits) {
        await submit($0, isTrusted: hasTokens)
      },
    ]
  }

  private func submit(_ request: ServedRequest, isTrusted: Bool) async -> ServedAnswer {
    let fields = Self.fields(request.body).merging(request.query) { own, _ in own }
    do {
      return served(
        try await desk.submit(fields, isTrusted: isTrusted, now: AlertClock.system.now()) {
          subject in
          await alerts?.desk?.end(ofAlertOn: subject.service, startedAt: subject.start)
        })
    } catch {
      let reason = (error as? any DiagnosedError)?.description ?? "\(error)"
      return ServedAnswer(
        503, contentType: "text/plain; charset=utf-8",
        body: Array("not noted: \(reason); try again\n".utf8), retryAfter: 30)
    }
  }

  /// Fields of a form, or the texts of a JSON object.
  private static func fields(_ body: [UInt8]) -> [String: String] {
    if body.first(where: { $0 > 0x20 }) == 0x7B {
      guard case .object(let members)? = try? JSONValue(parsing: body, source: "verdict") else {
        return [:]
      }
      return members.compactMapValues { value in
        switch value {
        case .string(let text): text
        case .number: value.text()
        default: nil
        }
      }
    }
    var fields: [String: String] = [:]
    for pair in String(decoding: body, as: UTF8.self).split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1)
      guard let name = sides.first.map(decoded) else { continue }
      fields[name] = sides.count > 1 ? decoded(sides[1]) : ""
    }
    return fields
  }

  private static func decoded(_ text: Substring) -> String {
    text.replacing("+", with: " ").removingPercentEncoding ?? String(text)
  }
}

private func served(_ answer: VerdictDesk.Answer) -> ServedAnswer {
  ServedAnswer(answer.status, contentType: answer.contentType, body: Array(answer.body.utf8))
}
