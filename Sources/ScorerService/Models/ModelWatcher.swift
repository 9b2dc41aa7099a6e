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
  private let refused = RefusedVersions()

  /// A version that was refused a short while ago, and told of then.
  private struct StillRefused: Error {}
  /// Champion and challenger are one version.
  private struct SameAsChampion: Error {}

  init(scorer: Scorer, loader: ModelLoader) { (self.scorer, self.loader) = (scorer, loader) }

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
    if let model = champion ?? fleet?.model, let reference = shadowReference {
      do {
        shadow = try await changed(reference, shadow, beside: model) ?? shadow
      } catch is SameAsChampion {
        shadow = nil
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
    for error in failures where !(error is StillRefused) {
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
  ///
  /// - Parameter champion: The model that it is to be beside.
  /// - Throws: `SameAsChampion` before anything is loaded, `StillRefused`, and what loading throws.
  private func changed(
    _ reference: String, _ known: ServedModel?, beside champion: ServedModel? = nil
  ) async throws -> ServedModel? {
    let digest = try await loader.digest(of: reference)
    // A promotion leaves the challenger where the champion is now.
    if let champion, digest == champion.digest || reference == scorer.configuration.model {
      throw SameAsChampion()
    }
    // A folder's artifact never changes.
    if let known, digest == nil || digest == known.digest { return nil }
    guard let digest else { return try await loader.load(reference) }
    guard !refused.holds(digest) else { throw StillRefused() }
    do {
      return try await loader.load(reference)
    } catch {
      refused.note(digest, error)
      throw error
    }
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
