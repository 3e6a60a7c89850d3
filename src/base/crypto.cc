#include "base/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"

namespace enrich {
namespace {

constexpr size_t kSha1Size = 20;
constexpr size_t kSha256Size = 32;

// OpenSSL fails here only when memory is exhausted or a build lacks a digest:
// nothing a caller could handle.
void Require(bool ok) {
  if (!ok) std::abort();
}

struct FreeMac {
  void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using MacContext = std::unique_ptr<EVP_MAC_CTX, FreeMac>;

unsigned char* Bytes(std::string& s) {
  return reinterpret_cast<unsigned char*>(s.data());
}
const unsigned char* Bytes(absl::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}

// Looking a digest up by name costs more than hashing a token.
const EVP_MD* Sha256Digest() {
  static EVP_MD* const digest = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return digest;
}

}  // namespace

std::string Sha256(absl::string_view data) {
  std::string hash(kSha256Size, '\0');
  Require(EVP_Digest(data.data(), data.size(), Bytes(hash), nullptr,
                     Sha256Digest(), nullptr) == 1);
  return hash;
}

bool ConstantTimeEquals(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() &&
         CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

// Keyed once and from then on only copied.
struct Hmac::Impl {
  MacContext keyed;
  size_t size;
};

Hmac::Hmac(Digest digest, const Secret& key) : impl_(std::make_unique<Impl>()) {
  impl_->size = digest == Digest::kSha1 ? kSha1Size : kSha256Size;
  const std::unique_ptr<EVP_MAC, FreeMac> mac(
      EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  Require(mac != nullptr);
  impl_->keyed.reset(EVP_MAC_CTX_new(mac.get()));
  Require(impl_->keyed != nullptr);
  std::string name = digest == Digest::kSha1 ? "SHA1" : "SHA256";
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string("digest", name.data(), 0),
      OSSL_PARAM_construct_end()};
  Require(EVP_MAC_init(impl_->keyed.get(), Bytes(key.Reveal()),
                       key.Reveal().size(), params) == 1);
}

Hmac::~Hmac() = default;
Hmac::Hmac(Hmac&&) noexcept = default;
Hmac& Hmac::operator=(Hmac&&) noexcept = default;

std::string Hmac::Sign(absl::string_view data) const {
  const MacContext context(EVP_MAC_CTX_dup(impl_->keyed.get()));
  Require(context != nullptr);
  std::string signature(impl_->size, '\0');
  size_t written = 0;
  Require(EVP_MAC_update(context.get(), Bytes(data), data.size()) == 1 &&
          EVP_MAC_final(context.get(), Bytes(signature), &written,
                        signature.size()) == 1 &&
          written == impl_->size);
  return signature;
}

bool HmacSha1::VerifyHex(absl::string_view data, absl::string_view hex) const {
  if (hex.size() != 2 * kSha1Size ||
      !std::all_of(hex.begin(), hex.end(), absl::ascii_isxdigit)) {
    return false;
  }
  return ConstantTimeEquals(Sign(data), absl::HexStringToBytes(hex));
}

}  // namespace enrich
