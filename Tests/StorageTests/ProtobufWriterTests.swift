import Storage
import Testing

@Suite struct ProtobufWriterTests {
  @Test func `fields are those of the encoding's own examples`() {
    var message = ProtobufWriter()
    message.add(150, field: 1)
    #expect(message.bytes == [0x08, 0x96, 0x01])
    message = ProtobufWriter()
    message.add("testing", field: 2)
    #expect(message.bytes == [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67])
    message = ProtobufWriter()
    message.add(field: 3) { $0.add(150, field: 1) }
    #expect(message.bytes == [0x1a, 0x03, 0x08, 0x96, 0x01])
    message = ProtobufWriter()
    message.add(packed: [3, 270, 86_942], field: 6)
    #expect(message.bytes == [0x32, 0x06, 0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05])
  }

  @Test func `negative numbers take ten bytes and floats four`() {
    var message = ProtobufWriter()
    message.add(-2, field: 1)
    #expect(message.bytes == [0x08, 0xfe] + Array(repeating: 0xff, count: 8) + [0x01])
    message = ProtobufWriter()
    message.add(Float(1), field: 16)
    message.add(packed: [Float(-2)], field: 1)
    #expect(message.bytes == [0x85, 0x01, 0, 0, 0x80, 0x3f, 0x0a, 4, 0, 0, 0, 0xc0])
  }

  @Test func `a field number that does not exist traps`() async {
    await #expect(processExitsWith: .failure) {
      var message = ProtobufWriter()
      message.add(1, field: 0)
    }
  }
}
