#include "simulator/played_answer.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "expression/arena.h"
#include "expression/value.h"

namespace enrich::simulator {
namespace {

using rest::MatchPlan;

Findings FindingsOf(const PlayedItem& item) {
  Findings found;
  for (const auto& [name, field] : item.fields) {
    if (field.outcome == "found") found.insert(name);
  }
  return found;
}

// How a contact's input is compared with its echo.
std::string Comparable(absl::string_view text) {
  std::string out = absl::AsciiStrToLower(text);
  absl::string_view rest = out;
  if (!absl::ConsumePrefix(&rest, "https://")) {
    absl::ConsumePrefix(&rest, "http://");
  }
  absl::ConsumePrefix(&rest, "www.");
  absl::ConsumeSuffix(&rest, "/");
  return std::string(rest);
}

absl::string_view InputOf(InputEcho::Input input) {
  switch (input) {
    case InputEcho::Input::kEmail:
      return "email";
    case InputEcho::Input::kLinkedinUrl:
      return "linkedin_url";
    case InputEcho::Input::kCompanyDomain:
      return "company_domain";
  }
  return "";
}

// The fixture's contact that an item of `expect` speaks of.
std::optional<size_t> ContactOf(const PlayedFixture& fixture,
                                const PlayedItem& item) {
  for (size_t i = 0; i < fixture.contacts.size(); ++i) {
    if (item.ref == absl::StrCat("fx.", i)) return i;
    if (item.index == static_cast<int>(i)) return i;
    if (item.echo.empty()) continue;
    for (const auto& [name, value] : fixture.contacts[i]) {
      if (Comparable(value) == Comparable(item.echo)) return i;
    }
  }
  return std::nullopt;
}

}  // namespace

bool IsGood(const PlayedItem& item) {
  return !item.fields.empty() &&
         std::all_of(item.fields.begin(), item.fields.end(),
                     [](const auto& field) {
                       return field.second.outcome == "found" ||
                              field.second.outcome == "not_found";
                     });
}

std::vector<size_t> PlayedAnswer::With(const Findings& wanted) const {
  std::vector<size_t> contacts;
  for (const auto& [contact, found] : findings) {
    if (found == wanted) contacts.push_back(contact);
  }
  return contacts;
}

std::vector<std::string> JobIdsOf(const rest::SubmitPlan& submit,
                                  const HttpResponse& answer) {
  if (!submit.job_header.empty()) {
    return {std::string(FindHeader(answer.headers, submit.job_header))};
  }
  const auto document = json::Document::Parse(answer.body);
  if (!document.ok()) return {};
  const expression::Value root(document->root());
  expression::Arena arena;
  std::vector<std::string> ids;
  if (submit.job.has_value()) {
    ids.emplace_back(submit.job->Evaluate(root, root, arena).AsText(arena));
  } else if (submit.job_per_item.has_value()) {
    submit.job_per_item->items.Evaluate(root, root, arena)
        .ForEachElement([&](const expression::Value& item) {
          ids.emplace_back(submit.job_per_item->id.Evaluate(item, root, arena)
                               .AsText(arena));
        });
  }
  return ids;
}

PlayedAnswer LearnAnswer(const PlayedFixture& fixture, const PlayedStep& step,
                         const std::vector<std::string>& job_ids,
                         const rest::OperationPlan& operation,
                         const rest::SubmitPlan& submit) {
  const MatchPlan& match = operation.result.match;
  std::vector<std::set<std::string>> marks(fixture.contacts.size());
  for (size_t i = 0; i < marks.size(); ++i) {
    ContactValues values = fixture.contacts[i];
    marks[i].insert(values["ref"]);
    if (match.kind == MatchPlan::Kind::kEcho) {
      marks[i].insert(
          absl::AsciiStrToLower(values[std::string(InputOf(match.input))]));
    }
    if (submit.job_per_item.has_value() && i < job_ids.size()) {
      marks[i].insert(absl::AsciiStrToLower(job_ids[i]));
    }
    marks[i].erase("");
  }
  PlayedAnswer answer{
      .fixture = &fixture,
      .step = &step,
      .job_ids = step.expect.accepted ? JobIdsOf(submit, step.answer) : job_ids,
  };
  answer.body = AnswerTemplate::Learn(step.answer.body, marks,
                                      match.kind == MatchPlan::Kind::kPosition);
  for (const PlayedItem& item : step.expect.items) {
    const std::optional<size_t> contact = ContactOf(fixture, item);
    if (!contact.has_value() || !IsGood(item)) continue;
    // It was asked for less than others will be.
    if (item.fields.size() < operation.result.fields.size()) continue;
    answer.said[*contact] = &item;
    answer.findings[*contact] = FindingsOf(item);
  }
  return answer;
}

}  // namespace enrich::simulator
