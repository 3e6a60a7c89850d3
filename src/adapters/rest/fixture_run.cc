#include "adapters/rest/fixture_run.h"

#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "adapters/rest/answer_text.h"
#include "adapters/rest/json_difference.h"
#include "base/json.h"

namespace enrich::rest {
namespace {

constexpr absl::string_view kReference = "fx";

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::string DecodeForm(absl::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 &&
        HexDigit(text[i + 2]) >= 0) {
      out +=
          static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

// A form as a JSON object of texts; a name that is repeated gives a list.
std::string FormToJson(absl::string_view form) {
  std::vector<std::pair<std::string, std::vector<std::string>>> members;
  for (const absl::string_view part :
       absl::StrSplit(form, '&', absl::SkipEmpty())) {
    const size_t sign = part.find('=');
    const std::string name = DecodeForm(part.substr(0, sign));
    std::string value;
    if (sign != absl::string_view::npos) {
      value = DecodeForm(part.substr(sign + 1));
    }
    auto found = members.begin();
    while (found != members.end() && found->first != name) ++found;
    if (found == members.end()) found = members.insert(found, {name, {}});
    found->second.push_back(std::move(value));
  }
  json::Writer writer;
  writer.StartObject();
  for (const auto& [name, values] : members) {
    writer.Key(name);
    if (values.size() == 1) {
      writer.String(values.front());
      continue;
    }
    writer.StartArray();
    for (const std::string& value : values) writer.String(value);
    writer.EndArray();
  }
  return writer.EndObject().Take();
}

bool IsForm(const HttpRequest& request) {
  return absl::StartsWith(FindHeader(request.headers, "Content-Type"),
                          "application/x-www-form-urlencoded");
}

void CompareBody(const FixtureRequest& expected, const HttpRequest& actual,
                 std::vector<std::string>& differences) {
  if (expected.raw || expected.body.empty() || actual.body.empty()) {
    if (expected.body == actual.body) return;
    differences.push_back(
        absl::StrCat("request body: expected ",
                     expected.body.empty() ? "none" : expected.body, ", got ",
                     actual.body.empty() ? "none" : actual.body));
    return;
  }
  const bool form = IsForm(actual);
  for (const std::string& difference : JsonDifferences(
           expected.body, form ? FormToJson(actual.body) : actual.body,
           form ? JsonMatch::kLoose : JsonMatch::kExact)) {
    differences.push_back(absl::StrCat("request body: ", difference));
  }
}

void CompareRequest(const FixtureRequest& expected, const HttpRequest& actual,
                    absl::string_view base_url,
                    std::vector<std::string>& differences) {
  absl::string_view url = actual.url;
  if (absl::StartsWith(expected.url, "/")) absl::ConsumePrefix(&url, base_url);
  if (expected.method != actual.method || expected.url != url) {
    differences.push_back(absl::StrCat("request: expected ", expected.method,
                                       " ", expected.url, ", got ",
                                       actual.method, " ", url));
  }
  for (const auto& [name, value] : expected.headers) {
    const absl::string_view sent = FindHeader(actual.headers, name);
    if (sent == value) continue;
    differences.push_back(absl::StrCat("request header ", name, ": expected ",
                                       value, ", got ",
                                       sent.empty() ? "none" : sent));
  }
  CompareBody(expected, actual, differences);
}

// What an adapter says for people, whatever the answer is.
struct NotesOf {
  std::vector<std::string>& notes;

  void operator()(const Accepted&) {}
  void operator()(const RateLimited&) {}
  void operator()(const JobAnswer& answer) { Add("", answer.drift); }
  void operator()(const Rejected& rejected) { Add(rejected.message, {}); }
  void operator()(const JobUnknown& unknown) { Add(unknown.message, {}); }
  void operator()(const Indeterminate& doubt) {
    Add(doubt.message, doubt.drift);
  }
  void operator()(const FetchFailed& failed) {
    Add(failed.message, failed.drift);
  }

  void Add(const std::string& message, const std::vector<std::string>& drift) {
    if (!message.empty()) notes.push_back(message);
    for (const std::string& text : drift) {
      notes.push_back(absl::StrCat("drift: ", text));
    }
  }
};

}  // namespace

FixtureRun::FixtureRun(const Fixture& fixture, const ProviderAdapter& adapter)
    : fixture_(fixture),
      adapter_(adapter),
      callback_url_(absl::StrCat("https://gateway.example/v1/webhooks/",
                                 adapter.name(), "/token")) {
  const OperationSpec* spec = adapter.capabilities().Find(fixture.operation);
  if (spec == nullptr) {
    obstacle_ =
        absl::StrCat("the provider has no operation ", fixture.operation);
    return;
  }
  if (static_cast<int>(fixture.contacts.size()) > spec->max_contacts) {
    obstacle_ = absl::StrCat("the operation takes at most ", spec->max_contacts,
                             " contacts");
    return;
  }
  for (size_t i = 0; i < fixture.contacts.size(); ++i) AddItem(i);
  request_ = {.operation = fixture.operation,
              .reference = kReference,
              .items = items_,
              .callback_url = callback_url_};
  job_ = {.operation = fixture.operation,
          .item_count = static_cast<int>(items_.size())};
}

void FixtureRun::AddItem(size_t index) {
  const Contact& contact = fixture_.contacts[index];
  FieldSet fields = contact.field_set();
  if (fields.empty()) {
    fields = adapter_.capabilities().Find(fixture_.operation)->fields;
  }
  for (const ContactField field : kAllContactFields) {
    if (!fields.Has(field) || adapter_.Accepts(contact, field)) continue;
    obstacle_ = absl::StrCat("contacts[", index,
                             "]: its inputs do not suffice "
                             "for ",
                             FieldName(field));
  }
  items_.push_back({.key = absl::StrCat(kReference, ".", index),
                    .contact = &contact,
                    .fields = fields});
}

FixtureRun::Outcome FixtureRun::Run(const FixtureStep& step) {
  switch (step.kind) {
    case FixtureStep::Kind::kSubmit:
      return RunSubmit(step);
    case FixtureStep::Kind::kPoll:
      return RunPoll(step);
    case FixtureStep::Kind::kWebhook:
      return RunWebhook(step);
    case FixtureStep::Kind::kBalance:
      return RunBalance(step);
    case FixtureStep::Kind::kToken:
      return RunToken(step);
  }
  return {};
}

FixtureRun::Outcome FixtureRun::RunSubmit(const FixtureStep& step) {
  Outcome outcome = {.request = adapter_.BuildSubmit(request_)};
  const SubmitReply reply = adapter_.ParseSubmit(request_, step.response);
  if (const auto* accepted = std::get_if<Accepted>(&reply)) {
    job_.provider_job_id = accepted->provider_job_id;
    job_.debited = accepted->debited;
    job_.cursor.clear();
  }
  outcome.taken = std::holds_alternative<Accepted>(reply) ||
                  std::holds_alternative<JobAnswer>(reply);
  outcome.answer = ToFixtureJson(reply);
  std::visit(NotesOf{outcome.notes}, reply);
  return outcome;
}

FixtureRun::Outcome FixtureRun::RunPoll(const FixtureStep& step) {
  if (step.cursor.has_value()) job_.cursor = *step.cursor;
  if (!adapter_.CanFetch(job_)) {
    return {.obstacle = "the job cannot be fetched"};
  }
  Outcome outcome = {.request = adapter_.BuildFetch(job_)};
  const FetchReply reply = adapter_.ParseFetch(job_, step.response);
  // Where the answer says that reading goes on.
  if (const auto* answer = std::get_if<JobAnswer>(&reply)) {
    job_.cursor = answer->cursor;
  }
  outcome.answer = ToFixtureJson(reply);
  std::visit(NotesOf{outcome.notes}, reply);
  return outcome;
}

FixtureRun::Outcome FixtureRun::RunWebhook(const FixtureStep& step) {
  Outcome outcome = {.request = {.method = "POST",
                                 .url = absl::StrCat("/v1/webhooks/",
                                                     adapter_.name(), "/token"),
                                 .headers = step.response.headers,
                                 .body = step.response.body}};
  absl::StatusOr<WebhookAnswer> answer =
      absl::UnauthenticatedError("not signed by the provider");
  if (adapter_.VerifyWebhook(outcome.request, step.received)) {
    answer = adapter_.ParseWebhook(job_, step.response.body);
  }
  outcome.answer = ToFixtureJson(answer);
  if (!answer.ok()) {
    outcome.notes.emplace_back(answer.status().message());
  } else if (answer->answer.has_value()) {
    NotesOf{outcome.notes}(*answer->answer);
  }
  return outcome;
}

FixtureRun::Outcome FixtureRun::RunBalance(const FixtureStep& step) {
  auto request = adapter_.BuildBalance();
  if (!request.has_value()) {
    return {.obstacle = "the provider has no way to read a balance"};
  }
  return {.request = *std::move(request),
          .answer = ToFixtureJson(adapter_.ParseBalance(step.response))};
}

FixtureRun::Outcome FixtureRun::RunToken(const FixtureStep& step) {
  auto request = adapter_.BuildToken();
  if (!request.has_value()) {
    return {.obstacle = "the provider issues no tokens"};
  }
  return {.request = *std::move(request),
          .answer = ToFixtureJson(adapter_.ParseToken(step.response))};
}

FixtureReport RunFixture(const Fixture& fixture, const ProviderAdapter& adapter,
                         absl::string_view base_url) {
  FixtureReport report;
  FixtureRun run(fixture, adapter);
  if (!run.obstacle().empty()) {
    report.failures.push_back({.differences = {run.obstacle()}});
    return report;
  }
  for (const FixtureStep& step : fixture.steps) {
    StepReport result = {.kind = step.kind, .line = step.line};
    const FixtureRun::Outcome outcome = run.Run(step);
    if (!outcome.obstacle.empty()) {
      result.differences.push_back(outcome.obstacle);
    } else {
      if (step.request.has_value()) {
        CompareRequest(*step.request, outcome.request, base_url,
                       result.differences);
      }
      for (const std::string& difference :
           JsonDifferences(step.expect, outcome.answer, JsonMatch::kLoose)) {
        result.differences.push_back(absl::StrCat("answer: ", difference));
      }
    }
    if (!result.differences.empty()) report.failures.push_back(result);
  }
  return report;
}

}  // namespace enrich::rest
