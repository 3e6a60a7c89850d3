#include "engine/answer_match.h"

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/domain.h"

namespace enrich {
namespace {

// What two spellings of an input have in common; empty for none. Case is no
// difference: providers fold it, also where the standards let it stand.
std::string NormalForm(InputEcho::Input kind, absl::string_view value) {
  absl::StatusOr<std::string> normal = "";
  switch (kind) {
    case InputEcho::Input::kEmail:
      normal = NormalizeEmail(value);
      break;
    case InputEcho::Input::kLinkedinUrl:
      normal = NormalizeLinkedinUrl(value);
      break;
    case InputEcho::Input::kCompanyDomain:
      normal = NormalizeDomain(value);
      break;
  }
  return normal.ok() ? absl::AsciiStrToLower(*normal) : "";
}

ItemAnswer Uncharged(ItemAnswer answer) {
  for (FieldAnswer& field : answer.fields) {
    field.credits = Credits();
    field.credits_reported = false;
  }
  return answer;
}

}  // namespace

std::string ItemKey(const ChunkAttempt& attempt, size_t index) {
  return absl::StrCat(attempt.reference, ".", index);
}

std::optional<size_t> ItemIndex(const ChunkAttempt& attempt,
                                absl::string_view key, size_t item_count) {
  const absl::string_view reference = attempt.reference;
  if (reference.empty() || key.size() <= reference.size() + 1 ||
      key.substr(0, reference.size()) != reference ||
      key[reference.size()] != '.') {
    return std::nullopt;
  }
  size_t index = 0;
  if (!absl::SimpleAtoi(key.substr(reference.size() + 1), &index) ||
      index >= item_count) {
    return std::nullopt;
  }
  return index;
}

std::vector<size_t> AnswerMatcher::Match(const ItemAnswer& item) {
  const size_t count = chunk_.items.size();
  if (!item.key.empty()) {
    const auto index = ItemIndex(attempt_, item.key, count);
    if (!index.has_value()) return {};
    return {*index};
  }
  if (item.echo.has_value()) {
    IndexInputs();
    const auto known = by_input_.find(
        {item.echo->input, NormalForm(item.echo->input, item.echo->value)});
    if (known == by_input_.end()) return {};
    // An address and a profile are one person, however often they were asked
    // about. Colleagues share a domain: which of them is meant is anybody's
    // guess.
    const bool guess = item.echo->input == InputEcho::Input::kCompanyDomain &&
                       known->second.size() > 1;
    return guess ? std::vector<size_t>() : known->second;
  }
  // Of a job of one contact there is only one to be meant.
  if ((by_fetch_ || count == 1) && item.index.has_value() && *item.index >= 0 &&
      static_cast<size_t>(*item.index) < count) {
    return {static_cast<size_t>(*item.index)};
  }
  return {};
}

AnswerMatches::AnswerMatches(AnswerMatcher matcher, const JobAnswer& answer) {
  for (const ItemAnswer& item : answer.items) {
    const std::vector<size_t> indexes = matcher.Match(item);
    if (indexes.empty()) ++unmatched_;
    for (const size_t index : indexes) {
      const bool first = index == indexes.front();
      all_.push_back(
          {.index = index,
           .item = first ? &item : &uncharged_.emplace_back(Uncharged(item))});
    }
  }
}

void AnswerMatcher::IndexInputs() {
  if (std::exchange(indexed_, true)) return;
  for (size_t i = 0; i < chunk_.items.size(); ++i) {
    const Contact* contact = find_(chunk_.items[i]);
    if (contact == nullptr) continue;
    IndexInput(InputEcho::Input::kEmail, contact->email, i);
    IndexInput(InputEcho::Input::kLinkedinUrl, contact->linkedin_url, i);
    IndexInput(InputEcho::Input::kCompanyDomain, contact->company_domain, i);
  }
}

void AnswerMatcher::IndexInput(InputEcho::Input kind, const std::string& value,
                               size_t index) {
  std::string normal = NormalForm(kind, value);
  if (!normal.empty()) by_input_[{kind, std::move(normal)}].push_back(index);
}

}  // namespace enrich
