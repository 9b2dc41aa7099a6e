internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The fleet in use. Any number of batches are scored at once, each by one fleet from its first row to
/// its last; a change of fleets waits for those under way and lets none begin.
@safe
final class FleetGate: @unchecked Sendable {
  private let lock: UnsafeMutablePointer<pthread_rwlock_t>
  private var fleet: Fleet?

  init() {
    unsafe lock = .allocate(capacity: 1)
    #if canImport(Glibc)
      // By default glibc lets readers pass writers, for as long as there are any.
      var attributes = pthread_rwlockattr_t()
      unsafe pthread_rwlockattr_init(&attributes)
      unsafe pthread_rwlockattr_setkind_np(
        &attributes, Int32(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP))
      unsafe pthread_rwlock_init(lock, &attributes)
      unsafe pthread_rwlockattr_destroy(&attributes)
    #else
      unsafe pthread_rwlock_init(lock, nil)
    #endif
  }

  deinit {
    unsafe pthread_rwlock_destroy(lock)
    unsafe lock.deallocate()
  }

  /// Runs a batch with the fleet in use; nil before there is one.
  func use<Result>(_ body: (Fleet?) throws -> Result) rethrows -> Result {
    unsafe pthread_rwlock_rdlock(lock)
    defer { unsafe pthread_rwlock_unlock(lock) }
    return try body(fleet)
  }

  /// Changes the fleet while no batch is under way.
  func change(_ body: (inout Fleet?) -> Void) {
    unsafe pthread_rwlock_wrlock(lock)
    defer { unsafe pthread_rwlock_unlock(lock) }
    body(&fleet)
  }

  /// The fleet in use.
  var current: Fleet? { use { $0 } }
}
