// What the services say that turn a cart into money: a Python checkout and a Rust payment gateway.

extension LogVocabulary {
  static let checkout = LogVocabulary(
    requestsPerLine: 480, failuresPerLine: 4.8,
    templates: [
      .init(
        "info", .request, 5, "order {order} placed by user {user}: {count} items, {amount} EUR"),
      .init("info", .request, 3, "order {order} confirmed in {ms} ms"),
      .init("info", .request, 2, "stock reserved for order {order} at warehouse {count}"),
      .init("info", .request, 1, "shipping quote for order {order}: {amount} EUR"),
      .init("info", .time, 0.4, "outbox: {rows} events published"),
      .init("info", .time, 0.2, "exchange rates refreshed from 10.42.2.31"),
      .init("warn", .slowRequest, 1, "order {order} took {slow} ms, payment still pending"),
      .init("warn", .refused, 1, "payment for order {order} deferred: gateway answered 500"),
      .init("error", .failure, 2, "order {order} failed: address validation raised KeyError 'zip'"),
      .init(
        "error", .failure, 1,
        "order {order} rolled back: could not serialize access due to concurrent update"),
      .init(
        "error", .timeout, 1,
        "order {order}: orders database did not answer within {timeout} ms (10.42.2.17:5432)"),
      .init("warn", .cpuPressure, 1, "worker pool saturated: {rows} orders waiting, cpu {cpu}%"),
      .init("warn", .memoryPressure, 1, "worker {count} uses {mem}% of memory, will be recycled"),
      .init("warn", .diskPressure, 1, "spool volume /var/spool/orders is {disk}% full"),
      .init(
        "error", .diskFull, 1,
        "order {order} not spooled: [Errno 28] No space left on device: '/var/spool/orders/{id}'"),
      .init("info", .shutdown, 1, "received SIGTERM, finishing {count} orders"),
      .init("error", .kill, 1, "worker was killed by signal 9 (out of memory)"),
      .init("info", .startup, 1, "checkout {version} booting {count} workers"),
      .init("info", .startup, 1, "connected to orders database 10.42.2.17:5432 from port {port}"),
      .init("info", .startup, 1, "ready to take orders after {slow} ms"),
    ])

  static let payment = LogVocabulary(
    requestsPerLine: 460, failuresPerLine: 4,
    templates: [
      .init(
        "info", .request, 5,
        "authorized {amount} EUR order={order} acquirer=north latency_ms={ms} tx={id}"),
      .init("info", .request, 3, "captured {amount} EUR order={order} tx={id}"),
      .init("info", .request, 1, "3ds challenge passed order={order} tx={id} from {client}"),
      .init("info", .request, 0.6, "declined order={order} reason=insufficient_funds tx={id}"),
      .init("info", .time, 0.3, "token vault: {rows} tokens rotated"),
      .init("info", .time, 0.3, "acquirer north session renewed, peer {address}:{port}"),
      .init("info", .time, 0.04, "settlement batch closed, {rows} transactions"),
      .init("warn", .slowRequest, 1, "acquirer north slow: {slow} ms order={order} tx={id}"),
      .init(
        "error", .failure, 2, "acquirer north rejected message: code=96 system malfunction tx={id}"),
      .init("error", .failure, 1, "signature check failed order={order} tx={id}"),
      .init(
        "error", .timeout, 1, "acquirer north timed out after {timeout} ms, reversal queued tx={id}"
      ),
      .init("warn", .cpuPressure, 1, "executor lagging, {rows} tasks queued, cpu {cpu}%"),
      .init("warn", .memoryPressure, 1, "resident memory at {mem}% of limit"),
      .init("warn", .diskPressure, 1, "audit volume at {disk}%, oldest segment kept {count} days"),
      .init(
        "error", .diskFull, 1,
        "audit record lost tx={id}: No space left on device (os error 28)"),
      .init("info", .shutdown, 1, "terminating, {count} authorizations in flight"),
      .init(
        "error", .panic, 1,
        "thread 'main' panicked at src/config.rs:118: missing field `merchant_id`"),
      .init(
        "error", .panic, 1, "stack backtrace begins at {pointer}, process aborts with code 101"),
      .init("error", .kill, 1, "restarted by kubelet: OOMKilled, exit code 137"),
      .init("info", .startup, 1, "payment gateway {version} starts, tls 1.3 only"),
      .init("info", .startup, 1, "loaded {rows} merchant keys in {ms} ms"),
      .init("info", .startup, 1, "accepting authorizations on 0.0.0.0:8080"),
    ])
}
