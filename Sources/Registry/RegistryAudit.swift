public import Diagnostics
public import Signing

/// Everything that is wrong with a registry.
public struct RegistryAudit: Sendable {
  /// Something wrong.
  public struct Defect: Sendable {
    /// `name@version` or `name@alias`.
    public let reference: String
    /// What is wrong with it.
    public let error: any DiagnosedError
  }

  /// Versions that were read whole and are as they should be.
  public private(set) var versions = 0
  /// Aliases that lead to a version as it was when they were moved.
  public private(set) var aliases = 0
  /// What is not, in the order it was found.
  public private(set) var defects: [Defect] = []

  /// Reads every version of a store and follows every alias.
  ///
  /// - Parameters:
  ///   - name: The one model to look at; nil for all.
  ///   - trust: Whose signatures each version needs; nil for none.
  ///   - progress: Receives an event a version.
  /// - Throws: What keeps the store from being read at all; what is wrong with a version is kept.
  public init(
    of store: any ModelStore, name: String? = nil, trust: TrustPolicy? = nil, progress: ProgressSink
  ) async throws {
    let names = if let name { [name] } else { try await store.names() }
    for name in names {
      let numbers = try await store.versions(of: name)
      for (index, number) in numbers.enumerated() {
        progress(
          ProgressEvent(
            stage: "verify", completed: index, total: numbers.count, detail: "\(name)@\(number)"))
        await check("\(name)@\(number)") {
          _ = try await store.load(
            VersionReference(name: name, selector: .version(number)), trust: trust)
        } counting: {
          $0.versions += 1
        }
      }
      do {
        for alias in try await store.aliases(of: name) {
          await check("\(name)@\(alias.name)") {
            _ = try await store.resolve(
              VersionReference(name: name, selector: .alias(alias.name)))
          } counting: {
            $0.aliases += 1
          }
        }
      } catch let error as any DiagnosedError where error.kind == .integrity {
        defects.append(Defect(reference: "\(name)@…", error: error))
      }
    }
  }

  private mutating func check(
    _ reference: String, _ work: () async throws -> Void,
    counting: (inout RegistryAudit) -> Void
  ) async {
    do {
      try await work()
      counting(&self)
    } catch let error as any DiagnosedError {
      defects.append(Defect(reference: reference, error: error))
    } catch {
      defects.append(
        Defect(
          reference: reference,
          error: RegistryError.damagedRecord(path: reference, reason: "\(error)")))
    }
  }
}
