package import Telemetry

/// What stands where a figure does not exist.
package let absent = "–"

/// A number with a fixed count of decimals, such as `0.62`.
package func fixed(_ value: Double, _ decimals: Int) -> String {
  guard value.isFinite else { return value.isNaN ? absent : value > 0 ? "∞" : "−∞" }
  var power = 1.0
  for _ in 0..<decimals { power *= 10 }
  let scaled = (abs(value) * power).rounded()
  guard scaled < 0x1p53 else { return value.description }
  let digits = String(Int64(scaled))
  let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
  let sign = value < 0 && scaled > 0 ? "−" : ""
  guard decimals > 0 else { return sign + padded }
  return "\(sign)\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
}

package func fixed(_ value: Double?, _ decimals: Int) -> String {
  value.map { fixed($0, decimals) } ?? absent
}

/// A number of any size with two or three digits that count; small ones keep two decimals.
package func rounded(_ value: Double?) -> String {
  guard let value else { return absent }
  let size = abs(value)
  guard size > 0 else { return "0" }
  return fixed(value, size < 10 ? 2 : size < 100 ? 1 : 0)
}

/// A share as a percentage; small ones keep the digits that count.
package func percent(_ share: Double?) -> String {
  guard let share else { return absent }
  let value = share * 100
  if value > 0, value < 0.01 { return "<0.01 %" }
  if value < 100, value > 99.9 { return ">99.9 %" }
  return fixed(value, value == value.rounded() ? 0 : value < 10 ? 2 : 1) + " %"
}

/// A multiple such as `8.1×`.
package func multiple(_ value: Double?) -> String { value.map { rounded($0) + "×" } ?? absent }

/// A span in whole seconds, such as `2m30s`; below a second in milliseconds.
package func duration(_ span: TimeSpan) -> String {
  let sign = span < .zero ? "−" : ""
  let size = Int64(clamping: span.milliseconds.magnitude)
  guard size >= 1000 else { return sign + TimeSpan(milliseconds: size).description }
  return sign + TimeSpan.seconds((size + 500) / 1000).description
}

/// How long after the start something was found, such as `+2m` or `−30s`.
package func delay(_ span: TimeSpan?) -> String {
  guard let span else { return absent }
  return (span < .zero ? "" : "+") + duration(span)
}

/// An instant for people, such as `2026-11-23 08:00Z`.
package func instant(_ time: Timestamp) -> String {
  var text = time.description.replacing("T", with: " ")
  if text.hasSuffix(":00Z") { text = text.dropLast(4) + "Z" }
  return text
}

/// An instant to the minute, such as `2026-11-23 08:00Z`.
package func minute(_ time: Timestamp) -> String {
  time.description.replacing("T", with: " ").prefix(16) + "Z"
}

/// A range for people.
package func interval(_ range: TimeRange) -> String {
  "\(instant(range.start)) to \(instant(range.end))"
}

/// A count with its digits in groups of three.
package func grouped(_ count: Int) -> String {
  var result = ""
  let digits = String(count.magnitude)
  for (index, digit) in digits.enumerated() {
    if index > 0, (digits.count - index) % 3 == 0 { result += "," }
    result.append(digit)
  }
  return count < 0 ? "−" + result : result
}

/// A count and its noun, such as `1 incident` or `2 incidents`.
package func counted(_ count: Int, _ noun: String) -> String {
  "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")"
}
