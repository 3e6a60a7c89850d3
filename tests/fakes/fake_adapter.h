#ifndef ENRICH_TESTS_FAKES_FAKE_ADAPTER_H_
#define ENRICH_TESTS_FAKES_FAKE_ADAPTER_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "provider/adapter.h"

namespace enrich {

// A provider with the simplest dialect that has everything the engine must cope
// with. Words on lines:
//   submit    POST submit, body: one line "key contact_ref field,field" each,
//             and the callback in the header "callback"
//   replies   200 "job ID" | 200 with results (synchronous) | 400 "reject"
//             | 400 "reject INDEX" | 402 | 401 | 429 | anything else
//   results   "phase running|finished|credits|cancelled|failed", "cost N",
//             "cursor WORD", "drift WORD",
//             "item KEY FIELD VALUE": VALUE "-" not found, "!" failed, "?" not
//             understood, else an e-mail (with "~": catch-all) or phone. For
//             KEY also "email=INPUT", "linkedin=INPUT", "domain=INPUT", "#N"
//   fetch     GET jobs/ID, with "?cursor=WORD"
//   webhook   "id ID" and results, or "hint"
//   429       "", or "until UNIX_SECONDS"; a header "pace: SECONDS" anywhere
//   token     POST token -> 200 "WORD SECONDS"; sent as header "token"
class FakeAdapter final : public ProviderAdapter {
 public:
  // What not every provider has.
  struct Traits {
    bool can_fetch = true;
    bool has_token = false;
    bool has_balance = false;
    // What is read for what in a webhook's body. The test may change it: an
    // adapter that has learned better.
    std::shared_ptr<const std::map<std::string, std::string>> spelling = {};
  };

  explicit FakeAdapter(std::string name, Capabilities capabilities,
                       Traits traits)
      : name_(std::move(name)),
        capabilities_(std::move(capabilities)),
        traits_(traits) {}
  FakeAdapter(std::string name, Capabilities capabilities)
      : FakeAdapter(std::move(name), std::move(capabilities), Traits()) {}

  // One operation "find" for all fields, 1..10 contacts, no limits.
  static Capabilities Simple() {
    OperationSpec find = {.name = "find", .max_contacts = 10};
    for (const ContactField field : kAllContactFields) {
      find.fields |= field;
      find.prices.emplace_back(field, Credits::Whole(1));
    }
    return {.operations = {find},
            .poll = {.first_after = absl::Minutes(5),
                     .interval = absl::Minutes(5),
                     .give_up_after = absl::Hours(10)}};
  }

  absl::string_view name() const override { return name_; }
  const Capabilities& capabilities() const override { return capabilities_; }
  // A contact without a company is for those who take LinkedIn.
  bool Accepts(const Contact& contact, ContactField) const override {
    return contact.HasCompany();
  }

  HttpRequest BuildSubmit(const SubmitRequest& request) const override {
    std::string body;
    for (const SubmitItem& item : request.items) {
      absl::StrAppend(&body, item.key, " ", item.contact->contact_ref, " ",
                      static_cast<int>(item.fields.bits()), "\n");
    }
    return {.method = "POST",
            .url = absl::StrCat("https://", name_, ".example/submit"),
            .headers = {{"callback", std::string(request.callback_url)},
                        {"raw", request.want_raw ? "yes" : "no"}},
            .body = std::move(body)};
  }

  SubmitReply ParseSubmit(const SubmitRequest& request,
                          const HttpResponse& response) const override {
    const std::string& body = response.body;
    switch (response.status) {
      case 200:
        if (body.rfind("job ", 0) == 0) return Accepted{body.substr(4)};
        if (body.rfind("phase ", 0) == 0)
          return ParseResults(body, request.want_raw);
        return Indeterminate{"no id", {"no id in the reply"}};
      case 400: {
        Rejected rejected = {.message = "bad request"};
        int index = 0;
        if (absl::SimpleAtoi(body.substr(body.find(' ') + 1), &index)) {
          rejected.item_index = index;
        }
        return rejected;
      }
      case 401:
        return Rejected{.reason = FailureReason::kProviderAuth,
                        .message = "bad key"};
      case 402:
        return Rejected{.reason = FailureReason::kOutOfCredits,
                        .message = "no credits"};
      case 429:
        return ParseRateLimit(body);
      default:
        return Indeterminate{absl::StrCat("HTTP ", response.status)};
    }
  }

  // Nothing can be fetched of a job without an id.
  bool CanFetch(const JobRef& job) const override {
    return traits_.can_fetch && !job.provider_job_id.empty();
  }
  HttpRequest BuildFetch(const JobRef& job) const override {
    return {.url = absl::StrCat(
                "https://", name_, ".example/jobs/", job.provider_job_id,
                job.cursor.empty() ? "" : "?cursor=", job.cursor)};
  }
  FetchReply ParseFetch(const JobRef& job,
                        const HttpResponse& response) const override {
    switch (response.status) {
      case 200:
        return ParseResults(response.body, job.want_raw);
      case 401:
        return FetchFailed{.reason = FailureReason::kProviderAuth,
                           .message = "bad key"};
      case 404:
        return JobUnknown{"not found"};
      case 429:
        return ParseRateLimit(response.body);
      default:
        return FetchFailed{.message = absl::StrCat("HTTP ", response.status)};
    }
  }

  bool VerifyWebhook(const HttpRequest&, absl::Time) const override {
    return true;
  }
  absl::StatusOr<WebhookAnswer> ParseWebhook(
      const JobRef& job, absl::string_view body) const override {
    WebhookAnswer answer;
    std::string rest(body);
    if (traits_.spelling != nullptr) {
      rest = absl::StrReplaceAll(rest, *traits_.spelling);
    }
    if (rest.rfind("id ", 0) == 0) {
      const size_t end = rest.find('\n');
      answer.provider_job_id = rest.substr(3, end - 3);
      rest = rest.substr(end + 1);
    }
    if (rest == "hint") {
      answer.fetch = true;
    } else if (rest.rfind("phase ", 0) == 0) {
      answer.answer = ParseResults(rest, job.want_raw);
    } else {
      return absl::InvalidArgumentError("not understood");
    }
    return answer;
  }

  std::optional<HttpRequest> BuildBalance() const override {
    if (!traits_.has_balance) return std::nullopt;
    return HttpRequest{.url = absl::StrCat("https://", name_, ".example/me")};
  }
  absl::StatusOr<Credits> ParseBalance(
      const HttpResponse& response) const override {
    int64_t credits = 0;
    if (!absl::SimpleAtoi(response.body, &credits)) {
      return absl::InvalidArgumentError("no balance");
    }
    return Credits::Whole(credits);
  }

  std::optional<HttpRequest> BuildToken() const override {
    if (!traits_.has_token) return std::nullopt;
    return HttpRequest{
        .method = "POST",
        .url = absl::StrCat("https://", name_, ".example/token")};
  }
  absl::StatusOr<AccessToken> ParseToken(
      const HttpResponse& response) const override {
    const std::vector<std::string> words = absl::StrSplit(response.body, ' ');
    int64_t seconds = 0;
    if (response.status != 200 || words.size() != 2 ||
        !absl::SimpleAtoi(words[1], &seconds)) {
      return absl::UnavailableError(absl::StrCat("HTTP ", response.status));
    }
    return AccessToken{.token = Secret(words[0]),
                       .lifetime = absl::Seconds(seconds)};
  }
  void Authorize(const Secret& token, HttpRequest& request) const override {
    request.headers.emplace_back("token", token.Reveal());
  }
  std::optional<RateLimited> ReadPace(
      const HttpResponse& response) const override {
    int64_t seconds = 0;
    if (!absl::SimpleAtoi(FindHeader(response.headers, "pace"), &seconds)) {
      return std::nullopt;
    }
    return RateLimited{.retry_after = absl::Seconds(seconds)};
  }

 private:
  static RateLimited ParseRateLimit(const std::string& body) {
    int64_t seconds = 0;
    if (body.rfind("until ", 0) != 0 ||
        !absl::SimpleAtoi(body.substr(6), &seconds)) {
      return {};
    }
    return {.retry_at = absl::FromUnixSeconds(seconds)};
  }

  static JobAnswer ParseResults(const std::string& body, bool want_raw) {
    static const std::map<std::string, JobPhase> kPhases = {
        {"running", JobPhase::kRunning},
        {"finished", JobPhase::kFinished},
        {"credits", JobPhase::kOutOfCredits},
        {"cancelled", JobPhase::kCancelled},
        {"failed", JobPhase::kFailed}};
    JobAnswer answer;
    for (const absl::string_view text :
         absl::StrSplit(body, '\n', absl::SkipEmpty())) {
      const std::vector<std::string> words = absl::StrSplit(text, ' ');
      if (words[0] == "phase") answer.phase = kPhases.at(words[1]);
      if (words[0] == "cost") {
        answer.cost = Credits::Whole(std::stoll(words[1]));
      }
      if (words[0] == "cursor") answer.cursor = words[1];
      if (words[0] == "drift") answer.drift.push_back(words[1]);
      if (words[0] == "item") {
        answer.items.push_back(ParseItem(words));
        if (want_raw) answer.items.back().raw = std::string(text);
      }
    }
    return answer;
  }

  // Fills in which contact is meant.
  static void ParseWho(const std::string& who, ItemAnswer& item) {
    static const std::map<std::string, InputEcho::Input> kInputs = {
        {"email", InputEcho::Input::kEmail},
        {"linkedin", InputEcho::Input::kLinkedinUrl},
        {"domain", InputEcho::Input::kCompanyDomain}};
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(who, absl::MaxSplits('=', 1));
    if (const auto input = kInputs.find(parts.first); input != kInputs.end()) {
      item.echo = {.input = input->second, .value = parts.second};
    } else if (who[0] == '#') {
      item.index = std::stoi(who.substr(1));
    } else {
      item.key = who;
    }
  }

  static ItemAnswer ParseItem(const std::vector<std::string>& words) {
    FieldAnswer field;
    for (const ContactField candidate : kAllContactFields) {
      if (FieldName(candidate) == absl::string_view(words[2])) {
        field.field = candidate;
      }
    }
    const std::string& value = words[3];
    if (value == "-") {
      field.outcome = Outcome::kNotFound;
    } else if (value == "!") {
      field.outcome = Outcome::kFailed;
    } else if (value == "?") {
      field.outcome = Outcome::kFailed;
      field.reason = FailureReason::kContractDrift;
    } else {
      field.outcome = Outcome::kFound;
      field.credits = Credits::Whole(1);
      if (field.field == ContactField::kPhone) {
        field.phones.push_back({.e164 = value, .provider_spelling = value});
      } else {
        field.emails.push_back({.address = value,
                                .quality = value[0] == '~'
                                               ? EmailQuality::kCatchAll
                                               : EmailQuality::kDeliverable});
      }
    }
    ItemAnswer item = {.fields = {field}};
    ParseWho(words[1], item);
    return item;
  }

  const std::string name_;
  const Capabilities capabilities_;
  const Traits traits_;
};

}  // namespace enrich

#endif  // ENRICH_TESTS_FAKES_FAKE_ADAPTER_H_
