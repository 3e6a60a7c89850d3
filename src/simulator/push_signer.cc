#include "simulator/push_signer.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/crypto.h"
#include "base/json.h"
#include "simulator/exchange_template.h"
#include "simulator/url_text.h"

namespace enrich::simulator {
namespace {

using rest::SignaturePlan;
using Source = SignaturePlan::Source;

// What stands at a JSON pointer without escapes.
std::string Follow(const std::string& body, absl::string_view pointer) {
  const auto document = json::Document::Parse(body);
  if (!document.ok()) return "";
  for (const auto& [place, text] : PlacesOf(document->root(), {})) {
    if (place == pointer) return text;
  }
  return "";
}

std::string Read(const HttpRequest& request, const Source& source) {
  switch (source.kind) {
    case Source::Kind::kRawBody:
      return request.body;
    case Source::Kind::kUrlPath:
      return PathIn(request.url);
    case Source::Kind::kHeader:
      return std::string(FindHeader(request.headers, source.name));
    case Source::Kind::kBodyPointer:
      return Follow(request.body, source.name);
    case Source::Kind::kText:
      return source.name;
  }
  return "";
}

std::string SignatureOf(const SignaturePlan& plan, const HttpRequest& request,
                        bool forged) {
  if (plan.kind == SignaturePlan::Kind::kEquals) {
    return absl::StrCat(plan.values.front().Reveal(), forged ? "x" : "");
  }
  std::string text;
  for (const Source& source : plan.over) {
    absl::StrAppend(&text, Read(request, source));
  }
  if (plan.lowercase) absl::AsciiStrToLower(&text);
  const Hmac::Digest digest = plan.kind == SignaturePlan::Kind::kHmacSha1
                                  ? Hmac::Digest::kSha1
                                  : Hmac::Digest::kSha256;
  const std::string bytes =
      Hmac(digest, plan.keys.front()).Sign(forged ? text + "x" : text);
  return plan.base64 ? absl::Base64Escape(bytes)
                     : absl::BytesToHexString(bytes);
}

// Puts a text in the place of what was recorded.
void Put(const Source& place, const std::string& text, HttpRequest& request) {
  if (place.kind == Source::Kind::kHeader) {
    std::erase_if(request.headers, [&](const auto& header) {
      return absl::EqualsIgnoreCase(header.first, place.name);
    });
    request.headers.emplace_back(place.name, text);
    return;
  }
  const std::string recorded = Follow(request.body, place.name);
  const size_t at = request.body.find(recorded);
  if (recorded.empty() || at == std::string::npos) return;
  request.body.replace(at, recorded.size(), text);
}

}  // namespace

void SignPush(const SignaturePlan& plan, absl::Time now, bool forged,
              HttpRequest& request) {
  if (plan.time.has_value()) {
    Put(*plan.time, absl::StrCat(absl::ToUnixSeconds(now)), request);
  }
  Put(plan.signature,
      absl::StrCat(plan.prefix, SignatureOf(plan, request, forged)), request);
}

}  // namespace enrich::simulator
