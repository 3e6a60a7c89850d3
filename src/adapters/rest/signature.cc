#include "adapters/rest/signature.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/json.h"

namespace enrich::rest {
namespace {

using Source = SignaturePlan::Source;

// The path without the query.
absl::string_view PathOf(absl::string_view url) {
  return url.substr(0, url.find_first_of("?#"));
}

// What a JSON pointer leads to (RFC 6901); missing when that is nothing.
json::Value Follow(json::Value value, absl::string_view pointer) {
  if (!absl::ConsumePrefix(&pointer, "/")) return json::Value();
  for (const absl::string_view escaped : absl::StrSplit(pointer, '/')) {
    const std::string key =
        absl::StrReplaceAll(escaped, {{"~1", "/"}, {"~0", "~"}});
    size_t index = 0;
    value = value.is_array() && absl::SimpleAtoi(key, &index) ? value.at(index)
                                                              : value[key];
  }
  return value;
}

// Reads parts of a request; the body is parsed when it is needed.
class Parts {
 public:
  explicit Parts(const HttpRequest& request) : request_(request) {}

  // Empty for what is not there.
  std::string Read(const Source& source) {
    switch (source.kind) {
      case Source::Kind::kRawBody:
        return request_.body;
      case Source::Kind::kUrlPath:
        return std::string(PathOf(request_.url));
      case Source::Kind::kHeader:
        return std::string(FindHeader(request_.headers, source.name));
      case Source::Kind::kBodyPointer:
        return ReadBody(source.name);
      case Source::Kind::kText:
        return source.name;
    }
    return "";
  }

 private:
  std::string ReadBody(absl::string_view pointer) {
    if (!document_.has_value()) {
      document_ = json::Document::Parse(request_.body);
    }
    if (!document_->ok()) return "";
    return std::string(Follow((*document_)->root(), pointer).AsText());
  }

  const HttpRequest& request_;
  std::optional<absl::StatusOr<json::Document>> document_;
};

// The bytes that `text` encodes; empty for what encodes none.
std::string Decode(absl::string_view text, bool base64) {
  if (base64) {
    std::string bytes;
    return absl::Base64Unescape(text, &bytes) ? bytes : "";
  }
  const bool is_hex =
      text.size() % 2 == 0 && std::all_of(text.begin(), text.end(), [](char c) {
        return absl::ascii_isxdigit(static_cast<unsigned char>(c));
      });
  return is_hex ? absl::HexStringToBytes(text) : "";
}

// RFC 3339, or seconds or milliseconds since 1970. Empty for anything else.
std::optional<absl::Time> ReadTime(absl::string_view text) {
  // Seconds have fewer digits until the year 5138.
  constexpr int64_t kLeastMillis = 100'000'000'000;
  int64_t number = 0;
  if (absl::SimpleAtoi(text, &number)) {
    return number < kLeastMillis ? absl::FromUnixSeconds(number)
                                 : absl::FromUnixMillis(number);
  }
  absl::Time time;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) return time;
  return std::nullopt;
}

}  // namespace

std::string ReadPart(const Source& part, const HttpRequest& request) {
  return Parts(request).Read(part);
}

SignatureVerifier::SignatureVerifier(const SignaturePlan& plan) : plan_(plan) {
  if (plan.kind == SignaturePlan::Kind::kEquals) return;
  const Hmac::Digest digest = plan.kind == SignaturePlan::Kind::kHmacSha1
                                  ? Hmac::Digest::kSha1
                                  : Hmac::Digest::kSha256;
  for (const Secret& key : plan.keys) signers_.emplace_back(digest, key);
}

bool SignatureVerifier::Verify(const HttpRequest& request,
                               absl::Time now) const {
  const std::string text = ReadPart(plan_.signature, request);
  absl::string_view given = absl::StripAsciiWhitespace(text);
  if (!absl::ConsumePrefix(&given, plan_.prefix) || given.empty()) return false;
  if (plan_.kind != SignaturePlan::Kind::kEquals) {
    return VerifyHmac(request, given, now);
  }
  bool equal = false;
  for (const Secret& value : plan_.values) {
    equal |= ConstantTimeEquals(given, value.Reveal());
  }
  return equal;
}

bool SignatureVerifier::VerifyHmac(const HttpRequest& request,
                                   absl::string_view given,
                                   absl::Time now) const {
  const std::string signature = Decode(given, plan_.base64);
  Parts parts(request);
  if (plan_.time.has_value()) {
    const std::optional<absl::Time> time = ReadTime(parts.Read(*plan_.time));
    if (!time.has_value() || absl::AbsDuration(now - *time) > plan_.max_age) {
      return false;
    }
  }
  std::string signed_text;
  for (const Source& source : plan_.over) {
    absl::StrAppend(&signed_text, parts.Read(source));
  }
  if (plan_.lowercase) absl::AsciiStrToLower(&signed_text);
  return std::any_of(signers_.begin(), signers_.end(), [&](const Hmac& signer) {
    return ConstantTimeEquals(signer.Sign(signed_text), signature);
  });
}

}  // namespace enrich::rest
