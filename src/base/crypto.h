#ifndef ENRICH_BASE_CRYPTO_H_
#define ENRICH_BASE_CRYPTO_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "base/secret.h"

namespace enrich {

// Returns the 32 raw bytes of SHA-256.
std::string Sha256(absl::string_view data);

// Whether two strings are equal, in time that depends on the lengths only.
bool ConstantTimeEquals(absl::string_view a, absl::string_view b);

// HMAC with one key. Thread-safe. The key schedule is made once: a third of the
// cost of a call on a short body.
class Hmac {
 public:
  enum class Digest { kSha1, kSha256 };

  Hmac(Digest digest, const Secret& key);
  ~Hmac();
  Hmac(Hmac&&) noexcept;
  Hmac& operator=(Hmac&&) noexcept;

  // Returns the raw bytes: 20 or 32.
  std::string Sign(absl::string_view data) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// HMAC-SHA1, whose signatures come as hex.
class HmacSha1 {
 public:
  explicit HmacSha1(const Secret& key) : hmac_(Hmac::Digest::kSha1, key) {}

  // Returns the 20 raw bytes.
  std::string Sign(absl::string_view data) const { return hmac_.Sign(data); }

  // Whether `hex` (lower or upper case) is the signature of `data`. Constant
  // time for well-formed input.
  bool VerifyHex(absl::string_view data, absl::string_view hex) const;

 private:
  Hmac hmac_;
};

}  // namespace enrich

#endif  // ENRICH_BASE_CRYPTO_H_
