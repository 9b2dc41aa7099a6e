import LogTemplates
import Telemetry
import Testing

@Suite struct LogMaskTests {
  @Test(arguments: [
    // The head.
    (
      "16:51:24.967 INFO  u.c.UserController#48 TraceID: ffc8ca7e4c8f06c7 done",
      "INFO u.c.UserController#48 TraceID: <*> done"
    ),
    ("2023-01-29 08:41:10,649 WARN retry", "WARN retry"),
    ("[2023-01-29T08:41:10.649Z] ERROR disk full", "ERROR disk full"),
    ("[2023-01-29 08:41:10 UTC] LOG: ready", "LOG: ready"),
    ("Jan 29 08:41:09 node-a kernel: oops", "node-a kernel: oops"),
    ("1674981670.123 get", "get"),
    ("E0129 08:41:09.123456    1 server.go:118] failed", "<*> server.go:118] failed"),
    ("08:41:09 GMT+0 up", "<*> up"), ("Marching 5 on", "Marching <*> on"),
    ("2023/01/29 08:41:10 [error] upstream", "[error] upstream"),
    ("\u{1B}[31mERROR\u{1B}[0m red", "ERROR red"),
    // Values.
    ("id 4d2a46c7-71cb-4cf1-b5bb-b68406d9da6f gone", "id <*> gone"),
    ("from 10.0.0.1:8080 to 10.0.0.2", "from <*> to <*>"),
    ("listening on localhost:8080", "listening on localhost:<*>"),
    ("took 5ms, 1.5GB at 3% in 1h30m", "took <*> at <*> in <*>"),
    ("took 12 ms.", "took <*>."), ("used 5.2 KB, 3 apples", "used <*> apples"),
    ("trap instruction......0", "trap instruction......<*>"),
    ("key deadbeefdeadbeef token", "key <*> token"),
    ("auth QWxhZGRpbjpvcGVuIHNlc2FtZQ1== ok", "auth <*> ok"),
    ("open \"/etc/passwd\" denied", "open \"<*>\" denied"),
    ("name='Al Gore' don't panic", "name='<*>' don't panic"),
    ("an \"unpaired quote", "an \"unpaired quote"),
    ("GET /api/v1/users/123/orders", "GET /api/<*>/users/<*>/orders"),
    ("see http://10.0.0.1:80/a/b7", "see http://<*>/a/<*>"),
    ("10.0.0.1 \"GET /a/b7 HTTP/1.1\" 200", "<*> \"GET <*>\" <*>"),
    ("at 2023-01-29 15:38:06 sharp", "at <*> sharp"),
    ("time: Sat May 04 12:46:52 CST 2013", "time: <*> CST <*>"),
    ("rhost=example.org user=root", "rhost=<*> user=root"),
    ("session opened for user ann by bob", "session opened for user <*> by bob"),
    ("ids=[] from () by init()", "ids=[<*>] from (<*>) by init()"),
    ("delete blk_1 blk_2 blk_3", "delete <*>"),
    ("distances=[0, 50, 7]", "distances=[<*>]"),
    ("calculate time\u{FF1A}175", "calculate time\u{FF1A}<*>"),
    ("order#17 of Order#17", "<*> of <*>"),
    // Call sites.
    ("at com.shop.Cart.add(Cart.java:118)", "at com.shop.Cart.add(Cart.java:118)"),
    ("UserController#48 and a.B2b#7", "UserController#48 and a.B2b#7"),
    ("handler.go:12: bad", "handler.go:12: bad"),
    // Shapes.
    ("  a \t b\n", "a b"), ("a\0b\u{7F}c", "a b c"),
    ("17", "<*>"), ("", "<*>"),
    (
      #"level=info msg="user 5 logged in" took=3ms"#,
      #"level=info msg="user <*> logged in" took=<*>"#
    ),
    (#"{"level":"warn","msg":"user 5 'x' left","ts":1}"#, "user <*> '<*>' left"),
    (#"{"a":"b","n":5}"#, #"{"a":"b","n":<*>}"#),
    (#"12:00:00 {"msg":"user 5 left"}"#, "user <*> left"),
    ("{\"msg\":\"user 5\nleft\"}", "user <*> left"),
    (#"{"a":"b","n":5"#, #"{"<*>":"<*>","<*>":<*>"#),
  ])
  func `variable parts are masked and the rest stays`(_ line: String, _ text: String) {
    #expect(LogMask.pattern(of: line).text == text)
  }

  @Test(arguments: [
    ("08:41:09.123 INFO x", LogLevel.info), ("ERROR x", .error), ("[WARN] x", .warning),
    ("2023-01-29 08:41:10 main FATAL x", .error), ("<notice> x", .info), ("(debug) x", .debug),
    ("error: cannot open", .error), ("ts=1 level=warning msg=\"x\"", .warning),
    ("ts=1 level=\"error\" x", .error), ("W0129 08:41:09.1 1 a.go:1] x", .warning),
    (#"{"severity":"CRITICAL","message":"x"}"#, .error), (#"{"level":30,"msg":"x"}"#, .info),
    ("there was an error", .unknown), ("TraceID INFORMATION", .unknown),
    ("a b c d e f g h i ERROR", .unknown), ("Terror ERRORS", .unknown),
  ])
  func `the severity is found near the head`(_ line: String, _ level: LogLevel) {
    #expect(LogMask.pattern(of: line).level == level)
  }

  @Test func `a stream's severity counts only when the line names none`() {
    #expect(LogMask.pattern(of: "no level", fallback: .warning).level == .warning)
    #expect(LogMask.pattern(of: "INFO x", fallback: .warning).level == .info)
    #expect(LogMask.pattern(of: #"{"msg":"x"}"#, fallback: .error).level == .error)
    #expect(LogMask.pattern(of: #"{"level":"info","msg":"ERROR x"}"#).level == .info)
    #expect(LogMask.pattern(of: #"{"log":"WARN x\n","stream":"stdout"}"#).level == .warning)
    let long = String(repeating: "x", count: 10_000)
    #expect(LogMask.pattern(of: #"{"msg":"a b","trace":"\#(long)"}"#).text == "a b")
    #expect(LogMask.pattern(of: #"{"level":"x","msg":"y"}"#, fallback: .error).level == .error)
  }

  @Test func `call sites of different lines stay apart`() {
    let a = LogMask.pattern(of: "INFO u.c.UserController#48 id 1")
    let b = LogMask.pattern(of: "INFO u.c.UserController#60 id 1")
    #expect(a != b)
  }

  @Test func `only a bounded part of a line is looked at`() {
    let long = String(repeating: "a ", count: 3000) + String(repeating: "\u{FC}", count: 3000)
    let pattern = LogMask.pattern(of: long)
    #expect(pattern.text.utf8.count <= LogMask.lengthLimit)
    #expect(pattern.text.hasSuffix("\u{FC}"), "a character must not be cut in two")
    // Masking makes this text longer; it stops soon after the limit.
    let values = LogMask.pattern(of: String(repeating: "1;", count: 4000)).text
    #expect(values.utf8.count <= LogMask.lengthLimit)
    // So does the replacement of bytes that are no UTF-8.
    let replaced = LogMask.pattern(of: [UInt8](repeating: 0xFF, count: 9000)).text
    #expect(replaced.utf8.count <= LogMask.lengthLimit && replaced.hasSuffix("\u{FFFD}"))
  }

  @Test func `bytes that are no UTF-8 do no harm`() {
    #expect(LogMask.pattern(of: [0x61, 0xFF, 0x20, 0x35]).text == "a\u{FFFD} <*>")
  }

  @Test func `a JSON line nested too deep is masked as text`() {
    let line = #"{"a":"# + String(repeating: "[", count: 100)
    #expect(LogMask.pattern(of: line).text.hasPrefix("{"))
  }
}
