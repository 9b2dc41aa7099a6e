internal import ArgumentParser
internal import Foundation
internal import Storage
internal import Transport

/// Where a job tells others how it ended. What cannot be told is a warning: the work is done.
struct OutcomeOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Also push metrics to a Pushgateway.", valueName: "url"))
  var pushgateway: String?

  @Option(
    help: ArgumentHelp(
      """
      File with an address that gets each outcome as JSON; AUTOPILOT_WEBHOOK by default. Such addresses \
      are secrets, so they are no arguments.
      """, valueName: "file"))
  var webhookFile: String?

  /// Pushes metrics in the text format, in place of what the job pushed before.
  func push(_ metrics: String, model: String) async {
    guard let pushgateway else { return }
    let base = pushgateway.hasSuffix("/") ? String(pushgateway.dropLast()) : pushgateway
    let address = "\(base)/metrics/job/autopilot_retrain/model/\(percentEncoded(model))"
    await send(
      "PUT", address, metrics, headers: [("content-type", "text/plain; version=0.0.4")],
      what: "the Pushgateway")
  }

  /// Tells the webhook of an outcome.
  func tell(_ document: JSONValue) async {
    guard let address = webhook() else { return }
    let text = document.text()
    // A message whose answer is late is sent again, and so is that of a job that was killed.
    await send(
      "POST", address, text,
      headers: [
        ("content-type", "application/json"),
        ("idempotency-key", SHA256Digest.hexadecimal(of: text.utf8)),
      ],
      what: "the webhook")
  }

  private func webhook() -> String? {
    if let webhookFile {
      guard let bytes = try? FileSystem.readFile(at: webhookFile, limit: 64 << 10) else {
        writeError("autopilot: warning: cannot read \(webhookFile); nobody was told")
        return nil
      }
      return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
    return processEnvironment()["AUTOPILOT_WEBHOOK"].flatMap { $0.isEmpty ? nil : $0 }
  }

  private func send(
    _ method: String, _ address: String, _ body: String,
    headers: [(name: String, value: String)], what: String
  ) async {
    do {
      guard let url = URL(string: address), let scheme = url.scheme, let host = url.host(),
        ["http", "https"].contains(scheme)
      else {
        writeError("autopilot: warning: the address of \(what) is not one of HTTP; nobody was told")
        return
      }
      var options = HTTPTransportOptions()
      options.environment = processEnvironment()
      options.timeout = .seconds(30)
      let transport = try HTTPTransport(
        scheme: scheme, host: host, port: url.port ?? (scheme == "https" ? 443 : 80),
        options: options)
      let answer = try await transport.send(limit: 1 << 20) {
        HTTPRequest(method, address, headers: headers, body: Array(body.utf8))
      }
      if answer.status >= 300 {
        writeError("autopilot: warning: \(what) answered \(answer.status)")
      }
    } catch {
      // The error could name the address, which is a secret.
      writeError("autopilot: warning: \(what) cannot be reached")
    }
  }
}
