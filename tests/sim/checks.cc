#include "sim/checks.h"

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/crypto.h"

namespace enrich::sim {
namespace {

// base/random.h
constexpr size_t kReferenceLength = 20;
constexpr size_t kTokenLength = 43;
constexpr absl::string_view kCallbackPath = "/v1/webhooks/";

bool IsHex(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c)) ||
         (c >= 'a' && c <= 'f');
}

// The hash of the token in the first callback URL; empty without.
std::string TokenHashIn(absl::string_view text) {
  size_t at = text.find(kCallbackPath);
  if (at == text.npos) return "";
  at = text.find('/', at + kCallbackPath.size());
  return at == text.npos ? "" : Sha256(text.substr(at + 1, kTokenLength));
}

// Whether the provider has said, as its contract has it, that nothing was
// enqueued.
bool IsRefused(const simulator::Submission& entry) {
  return !entry.accepted && entry.status / 100 == 4;
}

absl::string_view ApiKeyOf(const HttpRequest& request) {
  for (const char* name : {"x-api-key", "x-key"}) {
    const absl::string_view key = FindHeader(request.headers, name);
    if (!key.empty()) return key;
  }
  return FindHeader(request.headers, "authorization");
}

}  // namespace

std::vector<std::string> ReferencesIn(const std::string& body) {
  std::vector<std::string> references;
  size_t run = 0;
  for (size_t i = 0; i < body.size(); ++i) {
    if (body[i] == '.' && run == kReferenceLength) {
      std::string reference = body.substr(i - run, run);
      if (!absl::c_linear_search(references, reference)) {
        references.push_back(std::move(reference));
      }
    }
    run = IsHex(body[i]) ? run + 1 : 0;
  }
  return references;
}

void Checks::OnDeparture(const HttpRequest& request) {
  const std::vector<std::string> references = ReferencesIn(request.body);
  if (references.size() != 1) {
    return world_.Violate("I2", absl::StrCat("a paid request with ",
                                             references.size(), " references"));
  }
  const auto found = journal_.attempts().find(references[0]);
  if (found == journal_.attempts().end()) {
    return world_.Violate("I2", "a paid request without a durable intent");
  }
  const Journal::AttemptRow& row = found->second;
  const ChunkState state = journal_.chunks().at(row.attempt.chunk_key);
  if (state != ChunkState::kSending ||
      row.attempt.state != AttemptState::kSending) {
    world_.Violate("I2", absl::StrCat("a paid request of a chunk that is ",
                                      ChunkStateName(state)));
  }
  const std::string token_hash = TokenHashIn(request.body);
  if (!token_hash.empty() && row.attempt.token_hash != token_hash) {
    world_.Violate("I2", "a callback whose token is not the attempt's");
  }
}

void Checks::OnArrival(const HttpRequest& request,
                       const Providers::Booked& booked) {
  for (const simulator::Submission& entry : booked) {
    if (IsRefused(entry)) continue;
    for (const std::string& lookup : entry.lookups) {
      int& times = bought_[{std::string(ApiKeyOf(request)), lookup}];
      if (++times > alike_) {
        world_.Violate("I1", absl::StrCat(entry.provider, " got a lookup ",
                                          times, " times"));
      }
    }
  }
}

void Checks::OnPushAnswered(const HttpRequest& request,
                            const HttpResponse& response) {
  if (response.status != 200) return;
  const Journal::AttemptRow* row =
      journal_.FindByToken(TokenHashIn(request.url));
  if (row == nullptr ||
      !journal_.HasInbox(row->attempt.key, Sha256(request.body))) {
    world_.Violate("I3", "a push was acknowledged that is not durable");
  }
}

}  // namespace enrich::sim
