#include "rpc/tokens.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/crypto.h"
#include "model/errors.h"

namespace enrich {
namespace {

// Kind, store, owner, position (little-endian), checksum.
constexpr size_t kFingerprintBytes = 6;
constexpr size_t kPositionBytes = 8;
constexpr size_t kChecksumBytes = 4;
constexpr size_t kStoreAt = 1;
constexpr size_t kOwnerAt = kStoreAt + kFingerprintBytes;
constexpr size_t kPositionAt = kOwnerAt + kFingerprintBytes;
constexpr size_t kChecksumAt = kPositionAt + kPositionBytes;
constexpr size_t kTokenBytes = kChecksumAt + kChecksumBytes;

std::string Fingerprint(absl::string_view text) {
  return Sha256(text).substr(0, kFingerprintBytes);
}

std::string Checksum(absl::string_view content) {
  return Sha256(content).substr(0, kChecksumBytes);
}

}  // namespace

TokenCodec::TokenCodec(TokenKind kind, absl::string_view store_id,
                       absl::string_view tenant, absl::string_view batch_id)
    : kind_(kind),
      store_(Fingerprint(store_id)),
      // The length keeps ("a", "bc") and ("ab", "c") apart.
      owner_(Fingerprint(absl::StrCat(tenant.size(), ":", tenant, batch_id))) {}

std::string TokenCodec::Encode(int64_t position) const {
  std::string bytes;
  bytes.reserve(kTokenBytes);
  bytes.push_back(static_cast<char>(kind_));
  bytes.append(store_);
  bytes.append(owner_);
  const uint64_t bits = static_cast<uint64_t>(position);
  for (size_t i = 0; i < kPositionBytes; ++i) {
    bytes.push_back(static_cast<char>((bits >> (8 * i)) & 0xff));
  }
  bytes.append(Checksum(bytes));
  return absl::WebSafeBase64Escape(bytes);
}

absl::Status TokenCodec::Refuse(absl::string_view why) const {
  if (kind_ == TokenKind::kResume) return error::InvalidResumeToken(why);
  return error::InvalidPageToken();
}

absl::StatusOr<int64_t> TokenCodec::Decode(absl::string_view token) const {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(token, &bytes) ||
      bytes.size() != kTokenBytes ||
      bytes.compare(kChecksumAt, kChecksumBytes,
                    Checksum({bytes.data(), kChecksumAt})) != 0) {
    return Refuse("it is malformed");
  }
  if (bytes[0] != static_cast<char>(kind_)) {
    return Refuse("it is a token of another kind");
  }
  if (bytes.compare(kStoreAt, kFingerprintBytes, store_) != 0) {
    return Refuse("it is of another store");
  }
  if (bytes.compare(kOwnerAt, kFingerprintBytes, owner_) != 0) {
    return Refuse("it is of another tenant");
  }
  uint64_t bits = 0;
  for (size_t i = 0; i < kPositionBytes; ++i) {
    bits |= static_cast<uint64_t>(static_cast<uint8_t>(bytes[kPositionAt + i]))
            << (8 * i);
  }
  const int64_t position = static_cast<int64_t>(bits);
  if (position < 0) return Refuse("it is malformed");
  return position;
}

}  // namespace enrich
