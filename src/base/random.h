#ifndef ENRICH_BASE_RANDOM_H_
#define ENRICH_BASE_RANDOM_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/clock.h"

namespace enrich {

// Where unpredictability comes from. Thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  virtual void Fill(absl::Span<uint8_t> bytes) = 0;

  // Uniform in [0, 1).
  double Uniform();
};

// The kernel's generator: fit for tokens.
class SystemRandom final : public Random {
 public:
  void Fill(absl::Span<uint8_t> bytes) override;
};

// Returns 256 random bits in 43 characters of unpadded base64url.
std::string NewToken(Random& random);
// Whether `text` has that form.
bool IsToken(absl::string_view text);

// Returns 80 random bits in 20 lower-case hexadecimal digits.
std::string NewReference(Random& random);

// Returns a version 7 UUID: sorts by time, unguessable in 74 bits.
std::string NewUuid(const Clock& clock, Random& random);

}  // namespace enrich

#endif  // ENRICH_BASE_RANDOM_H_
