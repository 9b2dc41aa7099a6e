import LogRequests
import Testing

private let whole = "ffc8ca7e4c8f06c75142c880d5595d96"

private func identity(_ line: String) -> TraceIdentity? {
  let bytes = Array(line.utf8)
  return TraceIdentity(in: bytes.span)
}

@Suite struct TraceIdentityTests {
  @Test(arguments: [
    "INFO t.s.TravelServiceImpl#532 TraceID: \(whole) SpanID: 439bc949a9eeb0cc [x]",
    "trace_id=\(whole)", "level=info traceId=\"\(whole)\" msg=x", "TRACE-ID:\(whole),",
    #"{"trace.id":"\#(whole)","msg":"x"}"#, #"{\"traceId\": \"\#(whole)\"}"#,
    "[traceid = \(whole.uppercased())]",
    // A key without an identity does not hide the next one.
    "trace id: none, traceid=0000000000000000, trace_id=\(whole)",
  ])
  func `every spelling of the key names the trace`(_ line: String) {
    #expect(
      identity(line) == TraceIdentity(high: 0xffc8_ca7e_4c8f_06c7, low: 0x5142_c880_d559_5d96))
  }

  @Test func `identities of 64 bits are known too`() {
    #expect(identity("traceId=439bc949a9eeb0cc") == .init(high: 0, low: 0x439b_c949_a9ee_b0cc))
    #expect(identity("traceId=a439bc949a9eeb0cc") == .init(high: 0xa, low: 0x439b_c949_a9ee_b0cc))
  }

  @Test(arguments: [
    "", "trace", "traceid", "trace_id=", "SpanID: 439bc949a9eeb0cc", "traceid 439bc949a9eeb0cc",
    "trace_id=439bc949a9eeb0c", "trace_id=\(whole)0", "trace_id=\(whole)g",
    "trace_id=439bc949a9eeb0cc-5142", "trace_id=00000000000000000000000000000000",
    "trace_ids=439bc949a9eeb0cc",
  ])
  func `what is no identity of a trace is none`(_ line: String) {
    #expect(identity(line) == nil)
  }

  @Test func `lines cut anywhere are read without harm`() {
    let line = Array("a trace_id=\\\"\(whole)\\\" trace_id".utf8)
    for end in 0...line.count {
      let cut = Array(line[..<end])
      let found = TraceIdentity(in: cut.span)
      // From 16 digits on a line that is cut names a trace of its own.
      #expect((found == nil) == (end < 13 + 16), "\(end)")
    }
  }
}
