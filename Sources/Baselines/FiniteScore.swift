/// A score as a float; what is too large for one becomes the largest finite value, so that ranks
/// and averages of scores stay defined.
func finiteScore(_ score: Double) -> Float {
  Float(min(score, Double(Float.greatestFiniteMagnitude)))
}
