#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// ln(value) for a positive value.
func naturalLogarithm(_ value: Double) -> Double { log(value) }

/// e to the power of a value.
func exponential(_ value: Double) -> Double { exp(value) }
