#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// ln(1 + count), exact to double precision for all counts.
func logOfOnePlus(_ count: Double) -> Double { log1p(count) }

/// ln(value).
func naturalLogarithm(_ value: Double) -> Double { log(value) }

/// log₂(value).
func binaryLogarithm(_ value: Double) -> Double { log2(value) }
