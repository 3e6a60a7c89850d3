#include "adapters/rest/results.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "adapters/rest/load_words.h"
#include "adapters/rest/values.h"
#include "base/json.h"

namespace enrich::rest {
namespace {

FailureReason ReasonOf(ItemState state) {
  switch (state) {
    case ItemState::kInvalidInput:
      return FailureReason::kProviderRejected;
    case ItemState::kOutOfCredits:
      return FailureReason::kOutOfCredits;
    default:
      return FailureReason::kNone;
  }
}

// Reads the elements of one body.
class Reader {
 public:
  Reader(const ResultScope& scope, AnswerBody& body)
      : scope_(scope), body_(body) {}

  bool ReadList(const ResultList& list, const Value& current) {
    const Value elements = body_.Evaluate(list.at, current);
    if (elements.null() && scope_.may_be_missing) return true;
    if (elements.type() != json::Type::kArray) {
      body_.AddDrift({.part = scope_.part}, &list.at, "no list");
      return false;
    }
    if (elements.size() > scope_.max_elements) {
      body_.AddDrift({.part = scope_.part}, &list.at,
                     "more elements than a job has contacts");
      return false;
    }
    results_.items.reserve(results_.items.size() + elements.size());
    elements.ForEachElement([&](const Value& element) {
      ReadElement(element, list.state);
      ++results_.elements;
    });
    return true;
  }

  Results Take() { return std::move(results_); }

 private:
  void ReadElement(const Value& element, std::optional<ItemState> stated) {
    ItemAnswer& item = results_.items.emplace_back();
    if (!Match(element, item)) {
      // Somebody's results: the job is not over without them.
      ++results_.open;
      results_.items.pop_back();
      return;
    }
    bool open = false;
    item.fields.reserve(scope_.plan.fields.size());
    for (const FieldPlan& field : scope_.plan.fields) {
      const std::optional<ItemState> state =
          stated.has_value() ? stated : ReadState(field, element);
      if (!state.has_value() || *state == ItemState::kPending) {
        open = true;
      } else {
        AddField(field, *state, element, item);
      }
    }
    if (open) ++results_.open;
    if (!open && scope_.count_settled) NoteSettled(item);
    // The rest of an unfinished contact comes again.
    if (open && item.fields.empty()) {
      results_.items.pop_back();
      return;
    }
    if (scope_.plan.profile.has_value()) {
      ReadProfile(*scope_.plan.profile, element, body_, item.profile);
    }
    if (scope_.want_raw) {
      json::Writer raw;
      element.WriteWithin(body_.arena(), raw);
      item.raw = raw.Take();
    }
  }

  // Nothing for a word that is no state.
  std::optional<ItemState> ReadState(const FieldPlan& field,
                                     const Value& element) {
    if (!field.state.has_value()) return std::nullopt;
    const std::optional<ItemState> state =
        ItemStateOf(body_.Evaluate(*field.state, element).AsString());
    if (!state.has_value()) {
      body_.AddDrift(PlaceOf(field), &*field.state, "no state");
    }
    return state;
  }

  void AddField(const FieldPlan& field, ItemState state, const Value& element,
                ItemAnswer& item) {
    if (state == ItemState::kAbsent) return;
    if (state == ItemState::kNotFound && scope_.found_only) return;
    FieldAnswer& answer = item.fields.emplace_back();
    answer.field = field.field;
    answer.outcome = Outcome::kFailed;
    if (state == ItemState::kFound) {
      AddValues(field, element, PlaceOf(field), body_, answer);
      if (answer.emails.empty() && answer.phones.empty()) {
        answer.reason = FailureReason::kContractDrift;
        body_.AddDrift(PlaceOf(field),
                       field.values.has_value() ? &*field.values : nullptr,
                       "found, but without a value");
      } else {
        answer.outcome = Outcome::kFound;
        answer.credits = field.price;
      }
    } else if (state == ItemState::kNotFound) {
      answer.outcome = Outcome::kNotFound;
    } else {
      answer.reason = ReasonOf(state);
    }
    if (field.credits.has_value()) {
      const std::optional<Credits> credits =
          CreditsOf(body_.Evaluate(*field.credits, element), body_.arena());
      answer.credits_reported = credits.has_value();
      answer.credits = credits.value_or(answer.credits);
    }
  }

  Place PlaceOf(const FieldPlan& field) const {
    return {.part = scope_.part,
            .element = results_.elements,
            .field = FieldName(field.field)};
  }

  // A contact counts once, however often it is listed.
  void NoteSettled(const ItemAnswer& item) {
    std::string contact = item.key;
    if (item.echo.has_value()) contact = item.echo->value;
    if (item.index.has_value()) contact = absl::StrCat(*item.index);
    if (settled_.insert(std::move(contact)).second) ++results_.settled;
  }

  // ---- Which contact --------------------------------------------------------

  // Whether the element could be given to a contact; else that is noted.
  bool Match(const Value& element, ItemAnswer& item) {
    const MatchPlan& match = scope_.plan.match;
    const char* const problem = FindContact(match, element, item);
    if (problem == nullptr) return true;
    body_.AddDrift(
        {.part = scope_.part, .element = results_.elements, .field = "match"},
        match.value.has_value() ? &*match.value : nullptr, problem);
    return false;
  }

  // Null, or what is wrong.
  const char* FindContact(const MatchPlan& match, const Value& element,
                          ItemAnswer& item) {
    if (element.null()) return "an element that is null";
    switch (match.kind) {
      case MatchPlan::Kind::kRef:
        item.key = body_.Text(match.value, element);
        return item.key.empty() ? "no reference" : nullptr;
      case MatchPlan::Kind::kEcho:
        item.echo = InputEcho{.input = match.input,
                              .value = body_.Text(match.value, element)};
        return item.echo->value.empty() ? "no echoed input" : nullptr;
      case MatchPlan::Kind::kItemJob:
        return SetItemJob(body_.Text(match.value, element), item);
      case MatchPlan::Kind::kOnlyItem:
        return SetPosition(0, item);
      case MatchPlan::Kind::kPosition:
        return SetPosition(
            scope_.first_position + static_cast<int>(results_.elements), item);
      case MatchPlan::Kind::kPositionExpression:
        return SetPosition(PositionOf(body_.Evaluate(*match.value, element),
                                      scope_.item_count, body_.arena()),
                           item);
    }
    return "no rule";
  }

  const char* SetPosition(std::optional<int> position, ItemAnswer& item) {
    const int contacts = scope_.only_job != nullptr ? 1 : scope_.item_count;
    if (!position.has_value() || *position >= contacts) {
      return "no position of a contact";
    }
    // A push says nothing of the order in which its job was sent.
    if (!scope_.ordered && contacts != 1) return "a position in a push";
    if (scope_.only_job != nullptr) {
      item.key = scope_.only_job->key;
    } else {
      item.index = position;
    }
    return nullptr;
  }

  const char* SetItemJob(const std::string& id, ItemAnswer& item) {
    if (scope_.item_jobs == nullptr) return "no ids of contacts";
    const auto job =
        std::find_if(scope_.item_jobs->begin(), scope_.item_jobs->end(),
                     [&id](const ItemJob& candidate) {
                       return candidate.state == ItemJob::State::kGiven &&
                              candidate.id == id;
                     });
    if (job == scope_.item_jobs->end()) return "no id of a contact";
    item.key = job->key;
    return nullptr;
  }

  const ResultScope& scope_;
  AnswerBody& body_;
  Results results_;
  absl::flat_hash_set<std::string> settled_;
};

}  // namespace

std::optional<Results> ReadResults(const ResultLists& lists,
                                   const Value& current,
                                   const ResultScope& scope, AnswerBody& body) {
  Reader reader(scope, body);
  for (const ResultList& list : lists) {
    if (!reader.ReadList(list, current)) return std::nullopt;
  }
  return reader.Take();
}

size_t MaxElements(const Plan& plan, const OperationPlan& operation,
                   int item_count) {
  const OperationSpec* const spec = plan.capabilities.Find(operation.id);
  // The account may allow less by now than when the job was sent.
  const int largest = spec == nullptr ? 0 : spec->max_contacts;
  return static_cast<size_t>(std::max(largest, item_count));
}

std::vector<FieldAnswer> SameForAll(const std::vector<FieldPlan>& fields,
                                    Outcome outcome, FailureReason reason) {
  std::vector<FieldAnswer> answers;
  answers.reserve(fields.size());
  for (const FieldPlan& field : fields) {
    answers.push_back(
        {.field = field.field, .outcome = outcome, .reason = reason});
  }
  return answers;
}

std::optional<int> PositionOf(const Value& value, int item_count,
                              Arena& arena) {
  int position = 0;
  if (!absl::SimpleAtoi(value.AsText(arena), &position)) return std::nullopt;
  if (position < 0 || position >= item_count) return std::nullopt;
  return position;
}

}  // namespace enrich::rest
