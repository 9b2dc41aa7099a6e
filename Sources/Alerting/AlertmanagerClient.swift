internal import Diagnostics
internal import Exporters
internal import Storage
internal import Telemetry
internal import Transport

/// Posts alerts to one Alertmanager.
struct AlertmanagerClient: Sendable {
  /// Alerts of one request.
  static let batch = 64

  let connection: ServerConnection

  /// Why alerts did not arrive.
  enum Failure: Error {
    /// It may work later.
    case later(reason: String)
    /// The Alertmanager will never take them.
    case refused(reason: String)
    /// They are more than it takes at once.
    case tooLarge(reason: String)
  }

  /// Posts alerts, and returns once they have been taken.
  func post(_ alerts: [JSONValue]) async throws(Failure) {
    do {
      var options = HTTPTransportOptions()
      options.security = connection.security
      options.retries = connection.retries
      options.environment = connection.environment
      options.timeout = connection.timeout
      options.userAgent = "autopilot-scorer"
      let address = connection.address
      let url = "\(address.text)/api/v2/alerts"
      let body = Array(JSONValue.array(alerts).text().utf8)
      let transport = try HTTPTransport(
        scheme: address.scheme, host: address.host, port: address.port, options: options)
      let answer = try await transport.send(limit: 64 << 10) {
        HTTPRequest(
          "POST", url,
          headers: try connection.credentials.headers().fields + [
            ("content-type", "application/json")
          ], body: body)
      }
      guard !(200..<300).contains(answer.status) else { return }
      let secrets = try connection.credentials.headers().secrets
      let text = sanitized(serverMessage(answer.body), hiding: secrets)
      let reason = "\(url): HTTP \(answer.status)\(text.isEmpty ? "" : ": \(text)")"
      // Rights and addresses can be put right; what it does not understand stays as it is.
      throw switch answer.status {
      case 400, 422: Failure.refused(reason: reason)
      case 413: Failure.tooLarge(reason: reason)
      default: Failure.later(reason: reason)
      }
    } catch let failure as Failure {
      throw failure
    } catch {
      throw .later(reason: firstLine((error as? any DiagnosedError)?.description ?? "\(error)"))
    }
  }
}
