internal import Diagnostics
internal import Logging
internal import Registry
internal import ServiceLifecycle
internal import Telemetry

/// Keeps the models in use where the aliases point: loads what is new, and keeps what there is when
/// anything is wrong with that.
struct ModelWatcher: Service {
  let scorer: Scorer
  let loader: ModelLoader

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        await update()
        let poll = scorer.configuration.poll.milliseconds
        // Without a model there is nothing else to do than to look for one.
        let wait = scorer.gate.current == nil ? min(poll, 2_000) : poll
        try? await Task.sleep(for: .milliseconds(wait))
      }
    }
  }

  /// Looks once where the aliases are.
  func update() async {
    let fleet = scorer.gate.current
    var failures: [any Error] = []
    var champion: ServedModel?
    do {
      champion = try await changed(scorer.configuration.model, fleet?.model)
    } catch {
      failures.append(error)
    }
    var shadow = fleet?.shadowModel
    if let reference = shadowReference {
      do {
        shadow = try await changed(reference, shadow) ?? shadow
      } catch let error as RegistryError where error.isAbsence {
        // There need not be a challenger.
        shadow = nil
      } catch {
        failures.append(error)
      }
    }
    if let model = champion ?? fleet?.model {
      if shadow?.digest == model.digest { shadow = nil }
      if champion != nil || shadow?.digest != fleet?.shadowModel?.digest {
        await scorer.use(model, shadow: shadow)
        scorer.metrics.reloads[.success].add()
        scorer.logger.info(
          "models in use",
          metadata: [
            "model": "\(model.name)", "version": "\(model.versionText)",
            "digest": "sha256:\(model.digest)", "shadow": "\(shadow?.versionText ?? "none")",
          ])
      }
    }
    scorer.metrics.reloadFailed.value = failures.isEmpty ? 0 : 1
    for error in failures {
      scorer.metrics.reloads[.failure].add()
      scorer.logger.error(
        "model refused; what was in use stays",
        metadata: [
          "error": "\((error as? any DiagnosedError)?.description ?? "\(error)")",
          "version": "\(scorer.gate.current?.model.versionText ?? "none")",
        ])
    }
  }

  /// The model of a reference, if it is another than the known one.
  private func changed(_ reference: String, _ known: ServedModel?) async throws -> ServedModel? {
    let digest = try await loader.digest(of: reference)
    // A folder's artifact never changes.
    if let known, digest == nil || digest == known.digest { return nil }
    return try await loader.load(reference)
  }

  /// The reference of the model beside ours; an alias or a version alone means the same model.
  private var shadowReference: String? {
    guard let shadow = scorer.configuration.shadow else { return nil }
    let model = scorer.configuration.model
    guard !shadow.contains("@"), !shadow.contains("/"), let at = model.lastIndex(of: "@") else {
      return shadow
    }
    return "\(model[..<at])@\(shadow)"
  }
}

extension RegistryError {
  /// Whether it says that there is no such thing, rather than that something is wrong with it.
  fileprivate var isAbsence: Bool {
    switch self {
    case .unknownAlias, .unknownVersion: true
    default: false
    }
  }
}
