// What the services say that customers see first: a Node front end, a Go catalog, a Java cart.

extension LogVocabulary {
  static let frontend = LogVocabulary(
    requestsPerLine: 7200, failuresPerLine: 48,
    templates: [
      .init(
        "info", .request, 6,
        "GET /product/{sku} 200 {bytes} {ms}ms client={client} request={id}"),
      .init("info", .request, 4, "GET / 200 {bytes} {ms}ms client={client} request={id}"),
      .init("info", .request, 3, "POST /cart 302 0 {ms}ms client={client} request={id}"),
      .init("info", .request, 1, "POST /checkout 303 0 {ms}ms client={client} request={id}"),
      .init("info", .request, 1, "session started for user {user} from {client}"),
      .init(
        "info", .request, 0.5, "GET /product/{sku} 404 162 {ms}ms client={client} request={id}"),
      .init("info", .time, 0.4, "session store: {rows} sessions expired"),
      .init("info", .time, 0.25, "asset manifest revalidated, {count} files changed"),
      .init("warn", .slowRequest, 1, "slow response: POST /checkout took {slow}ms request={id}"),
      .init(
        "warn", .refused, 1,
        "rendered fallback for request={id}: upstream checkout answered 500"),
      .init("warn", .refused, 1, "upstream cart unavailable, empty basket shown, request={id}"),
      .init(
        "error", .failure, 3,
        "unhandled error in render: TypeError: Cannot read properties of undefined (reading 'price') request={id}"
      ),
      .init("error", .failure, 1, "GET /product/{sku} 500 {bytes} {ms}ms request={id}"),
      .init(
        "error", .timeout, 1,
        "session store redis://10.42.1.9:6379 timed out after {timeout}ms request={id}"),
      .init("warn", .cpuPressure, 1, "event loop delayed by {slow}ms, cpu {cpu}%"),
      .init("warn", .memoryPressure, 1, "heap at {mem}% of limit, mark-compact took {ms}ms"),
      .init("warn", .diskPressure, 1, "volume /var/cache {disk}% full"),
      .init("error", .diskFull, 1, "ENOSPC: no space left on device, write '/var/cache/{id}'"),
      .init("info", .shutdown, 1, "SIGTERM received, draining {rows} connections"),
      .init("error", .kill, 1, "last process was OOMKilled, exit code 137"),
      .init("info", .startup, 1, "frontend {version} starting on node v22.12.0, pid 1"),
      .init("info", .startup, 1, "connected to session store redis://10.42.1.9:6379 in {ms}ms"),
      .init("info", .startup, 1, "listening on 0.0.0.0:8080"),
    ])

  static let catalog = LogVocabulary(
    requestsPerLine: 9400, failuresPerLine: 40,
    templates: [
      .init(
        "info", .request, 5,
        #"msg="product served" sku={sku} duration={ms}ms cache=hit trace={id}"#),
      .init(
        "info", .request, 3,
        #"msg="product served" sku={sku} duration={ms}ms cache=miss trace={id}"#),
      .init(
        "info", .request, 3, #"msg="search done" rows={rows} duration={ms}ms trace={id}"#),
      .init("info", .request, 1, #"msg="price list read" rows={rows} duration={ms}ms"#),
      .init("info", .time, 0.4, #"msg="connection pool" in_use={count} idle={count} waiting=0"#),
      .init("info", .time, 0.3, #"msg="cache evicted" entries={rows} freed={bytes}"#),
      .init("info", .time, 0.04, #"msg="index rebuilt" rows={rows} segments={count}"#),
      .init("warn", .slowRequest, 1, #"msg="slow query" duration={slow}ms table=products"#),
      .init(
        "error", .failure, 2,
        #"msg="query failed" err="pq: canceling statement due to conflict with recovery" trace={id}"#
      ),
      .init("error", .failure, 1, #"msg="cannot decode product" sku={sku} err="unexpected EOF""#),
      .init(
        "error", .timeout, 1,
        #"msg="query timed out" host=postgres-0.postgres:5432 after={timeout}ms trace={id}"#),
      .init("warn", .cpuPressure, 1, #"msg="request queue growing" depth={rows} cpu={cpu}%"#),
      .init(
        "warn", .memoryPressure, 1, #"msg="memory high" used={mem}% gc_cpu={count}% heap={bytes}k"#),
      .init("warn", .diskPressure, 1, #"msg="volume filling" mount=/data used={disk}%"#),
      .init(
        "error", .diskFull, 1,
        #"msg="cannot write segment" err="write /data/segment-{id}: no space left on device""#),
      .init("info", .shutdown, 1, #"msg="shutting down" signal=terminated open={count}"#),
      .init(
        "error", .panic, 1,
        "panic: runtime error: invalid memory address or nil pointer dereference"),
      .init(
        "error", .panic, 1, "[signal SIGSEGV: segmentation violation code=0x1 addr={pointer}]"),
      .init("error", .kill, 1, #"msg="previous container killed" reason=OOMKilled exit=137"#),
      .init("info", .startup, 1, #"msg="starting catalog" version={version} go=1.25.4"#),
      .init("info", .startup, 1, #"msg="migrations up to date" duration={ms}ms"#),
      .init("info", .startup, 1, #"msg="cache warmed" entries={rows} duration={slow}ms"#),
    ])

  static let cart = LogVocabulary(
    requestsPerLine: 2200, failuresPerLine: 19.2,
    templates: [
      .init(
        "info", .request, 5,
        "c.s.cart.CartService - Added {sku} to cart {id} of user {user}, {count} items"),
      .init("info", .request, 4, "c.s.cart.CartService - Loaded cart {id} in {ms} ms"),
      .init(
        "info", .request, 2, "c.s.cart.CartService - Removed {sku} from cart {id}, {count} items"),
      .init("info", .request, 1, "c.s.cart.VoucherService - Voucher applied to cart {id}"),
      .init("info", .time, 0.4, "c.s.cart.ExpiryJob - Removed {rows} abandoned carts"),
      .init("info", .time, 0.5, "o.h.metrics.Pool - HikariPool-1 active={count} idle={count}"),
      .init("warn", .slowRequest, 1, "c.s.cart.CartService - Cart {id} took {slow} ms to load"),
      .init(
        "error", .failure, 2,
        "c.s.cart.ApiErrorHandler - java.lang.IllegalStateException: cart {id} changed meanwhile"),
      .init(
        "error", .failure, 1,
        "c.s.cart.ApiErrorHandler - com.fasterxml.jackson.core.JsonParseException: Unexpected character ('<' (code 60))"
      ),
      .init(
        "error", .timeout, 1,
        "i.l.core.RedisException - Command timed out after {timeout} ms on /10.42.1.9:6379"),
      .init("warn", .cpuPressure, 1, "o.a.tomcat.Pool - All {rows} threads busy, cpu at {cpu}%"),
      .init(
        "warn", .memoryPressure, 1, "gc - Pause Full (Allocation Failure) {slow}ms, {mem}% used"),
      .init("info", .shutdown, 1, "o.s.b.w.e.tomcat - Graceful shutdown, {count} active requests"),
      .init(
        "error", .panic, 1,
        "o.s.boot.SpringApplication - Application run failed: BeanCreationException: Error creating bean 'pricingClient'"
      ),
      .init("error", .panic, 1, "main - java.lang.NullPointerException: rule set is null"),
      .init("error", .kill, 1, "launcher - previous JVM was killed (OOMKilled, exit code 137)"),
      .init("info", .startup, 1, "o.s.boot.SpringApplication - Starting CartApplication {version}"),
      .init(
        "info", .startup, 1, "o.h.metrics.Pool - HikariPool-1 started with {count} connections"),
      .init(
        "info", .startup, 1,
        "o.s.boot.SpringApplication - Started CartApplication in {slow} ms on port 8080"),
    ])
}
