#include "simulator/played_fixture.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "adapters/rest/fixture.h"
#include "base/json.h"
#include "base/status_macros.h"

namespace enrich::simulator {
namespace {

using rest::FixtureStep;

std::string TextOf(const json::Value& value) {
  return std::string(value.AsText());
}

std::optional<Credits> CreditsOf(const json::Value& value) {
  const std::optional<double> number = value.AsDouble();
  return number ? Credits::FromDouble(*number) : std::nullopt;
}

PlayedField ReadField(const json::Value& value) {
  PlayedField field{
      .outcome = absl::AsciiStrToLower(value["outcome"].AsString()),
      .credits = CreditsOf(value["credits"]).value_or(Credits())};
  for (const json::Value email : value["emails"]) {
    field.emails.push_back(TextOf(email["address"]));
  }
  for (const json::Value phone : value["phones"]) {
    field.phones.push_back({TextOf(phone["e164"]), TextOf(phone["spelling"])});
  }
  return field;
}

PlayedItem ReadItem(const json::Value& value) {
  PlayedItem item{.ref = TextOf(value["ref"]), .echo = TextOf(value["echo"])};
  const std::optional<int64_t> index = value["index"].AsInt();
  if (index.has_value()) item.index = static_cast<int>(*index);
  for (const json::Value member : value) {
    if (member.is_object() && member.key() != "profile") {
      item.fields.emplace(std::string(member.key()), ReadField(member));
    }
  }
  return item;
}

PlayedExpect ReadExpect(const json::Value& value) {
  PlayedExpect expect{
      .accepted = !value["accepted"].missing(),
      .debited = CreditsOf(value["debited"]).value_or(Credits()),
      .rejected = TextOf(value["rejected"]),
      .rate_limited = !value["rate_limited"].missing(),
      .fetch = value["fetch"].AsBool().value_or(false),
      .refused = value["refused"].AsBool().value_or(false),
      .job_unknown = value["job_unknown"].AsBool().value_or(false),
      .drift = !value["drift"].missing(),
      .phase = absl::AsciiStrToLower(value["phase"].AsString()),
      .cursor = TextOf(value["cursor"]),
      .cost = CreditsOf(value["cost"]),
      .balance = CreditsOf(value["balance"])};
  for (const json::Value item : value["items"]) {
    expect.items.push_back(ReadItem(item));
  }
  return expect;
}

absl::StatusOr<PlayedStep> ReadStep(FixtureStep step) {
  PlayedStep out{
      .kind = step.kind, .line = step.line, .answer = std::move(step.response)};
  if (step.request.has_value()) {
    out.method = std::move(step.request->method);
    out.target = std::move(step.request->url);
    out.request_body = std::move(step.request->body);
  }
  ASSIGN_OR_RETURN(const json::Document expect,
                   json::Document::Parse(step.expect));
  out.expect = ReadExpect(expect.root());
  return out;
}

std::map<std::string, std::string> ValuesOf(const Contact& contact,
                                            size_t index) {
  const auto [first, last] = contact.SplitName();
  std::map<std::string, std::string> values = {
      {"ref", absl::StrCat("fx.", index)},
      {"first_name", first},
      {"last_name", last},
      {"full_name", contact.DisplayName()},
      {"company_name", contact.company_name},
      {"company_domain", contact.company_domain},
      {"linkedin_url", contact.linkedin_url},
      {"email", contact.email}};
  std::erase_if(values, [](const auto& value) { return value.second.empty(); });
  return values;
}

}  // namespace

absl::StatusOr<PlayedFixture> ReadPlayedFixture(absl::string_view text,
                                                const std::string& file) {
  rest::FixtureText parsed = rest::ParseFixture(text);
  if (!parsed.fixture.has_value() || !parsed.mistakes.empty()) {
    return absl::InvalidArgumentError(
        rest::FormatMistakes(file, parsed.mistakes));
  }
  PlayedFixture fixture{.file = file,
                        .operation = std::move(parsed.fixture->operation)};
  for (const Contact& contact : parsed.fixture->contacts) {
    fixture.contacts.push_back(ValuesOf(contact, fixture.contacts.size()));
  }
  for (FixtureStep& step : parsed.fixture->steps) {
    ASSIGN_OR_RETURN(PlayedStep read, ReadStep(std::move(step)));
    fixture.steps.push_back(std::move(read));
  }
  return fixture;
}

}  // namespace enrich::simulator
