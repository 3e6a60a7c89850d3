#include "adapters/rest/fetch_reply.h"

#include <algorithm>
#include <utility>

#include "adapters/rest/answer_body.h"
#include "adapters/rest/error_rules.h"
#include "adapters/rest/load_words.h"
#include "adapters/rest/results.h"

namespace enrich::rest {
namespace {

// A provider's cursor; longer ones are no cursors.
constexpr size_t kMaxPageBytes = 4096;

// Why a contact is missing whose own job ended early.
FailureReason ReasonOf(JobPhase phase) {
  switch (phase) {
    case JobPhase::kOutOfCredits:
      return FailureReason::kOutOfCredits;
    case JobPhase::kCancelled:
      return FailureReason::kJobCancelled;
    default:
      return FailureReason::kJobFailed;
  }
}

bool EndedEarly(JobPhase phase) {
  return phase != JobPhase::kRunning && phase != JobPhase::kFinished;
}

// What was read of one job: the whole, or that of one contact.
struct Part {
  JobPhase phase = JobPhase::kRunning;
  std::vector<ItemAnswer> items = {};
  // Some contact is open although the job has ended.
  bool open = false;
  std::optional<Credits> cost = {};
  // Where this job is read on at once.
  std::optional<Cursor> more = {};
};

// What a job's results are read by.
struct Page {
  absl::string_view part;
  const ResultLists& results;
  const std::optional<Expression>& next;
  const std::optional<Expression>& cost;
};

class Reader {
 public:
  Reader(const Plan& plan, const FetchTarget& target,
         const HttpResponse& response)
      : plan_(plan),
        target_(target),
        poll_(*target.variant.poll),
        response_(response),
        item_(target.current()),
        contacts_(item_ == nullptr ? target.job.item_count : 1),
        body_(target.operation.id, response.body) {}

  FetchReply Read() {
    std::variant<Part, FetchReply> read = ReadPart();
    if (body_.is_exhausted()) read = Unreadable();
    if (auto* part = std::get_if<Part>(&read)) return Answer(std::move(*part));
    FetchReply reply = std::get<FetchReply>(std::move(read));
    if (item_ == nullptr || !IsOfOneItem(reply)) return reply;
    JobAnswer answer = Answer(Part());
    if (auto* failed = std::get_if<FetchFailed>(&reply)) {
      answer.drift = std::move(failed->drift);
    }
    return answer;
  }

 private:
  using PartOrReply = std::variant<Part, FetchReply>;

  PartOrReply ReadPart() {
    const ErrorRule* rule =
        FindRule(target_.operation.errors, RuleScope::kPoll, response_, body_);
    if (rule != nullptr) return ByRule(*rule);
    if (!IsSuccess(response_)) {
      return Failed(FailureReason::kProviderUnavailable, nullptr);
    }
    if (!body_.readable()) return Unreadable();
    return target_.cursor.ended.has_value() ? ReadThen() : ReadPoll();
  }

  // ---- What the answer says -------------------------------------------------

  PartOrReply ReadPoll() {
    const std::optional<JobPhase> phase = ReadPhase();
    // Nothing is believed of a job whose state is not known.
    if (body_.has_drift()) return Part();
    const bool running = phase == JobPhase::kRunning;
    if (running && !poll_.results_while_running) return Part();
    if (poll_.then.has_value() && !running) {
      Part part{.more = Cursor{.job = target_.cursor.job,
                               .open = target_.cursor.open,
                               .ended = phase.value_or(JobPhase::kFinished)}};
      SetCost(poll_.cost, part);
      return part;
    }
    return ReadPage({.part = "poll.results",
                     .results = poll_.results,
                     .next = poll_.next,
                     .cost = poll_.cost},
                    phase);
  }

  PartOrReply ReadThen() {
    // A cursor of an older file.
    if (!poll_.then.has_value()) return Part();
    return ReadPage({.part = "poll.then.results",
                     .results = poll_.then->results,
                     .next = poll_.then->next,
                     .cost = poll_.then->cost},
                    target_.cursor.ended);
  }

  // Nothing when the contacts tell by themselves.
  std::optional<JobPhase> ReadPhase() {
    if (poll_.state.has_value()) {
      const std::optional<JobPhase> phase =
          JobPhaseOf(body_.Evaluate(*poll_.state).AsString());
      if (!phase.has_value()) {
        body_.AddDrift({.part = "poll.state"}, &*poll_.state, "no job state");
      }
      return phase.value_or(JobPhase::kRunning);
    }
    if (poll_.done.has_value()) {
      return body_.Evaluate(*poll_.done).truthy() ? JobPhase::kFinished
                                                  : JobPhase::kRunning;
    }
    return std::nullopt;
  }

  PartOrReply ReadPage(const Page& page, std::optional<JobPhase> phase) {
    const ResultScope scope = ScopeOf(page, phase);
    std::optional<Results> results =
        ReadResults(page.results, body_.root(), scope, body_);
    if (!results.has_value()) return Drifted();
    const size_t elements =
        results->elements + static_cast<size_t>(target_.cursor.elements);
    if (elements > scope.max_elements * page.results.size()) {
      body_.AddDrift({.part = page.part}, nullptr,
                     "more elements than a job has contacts");
      return Drifted();
    }
    Part part{.open = results->open > 0 || target_.cursor.open};
    const auto settled =
        target_.cursor.settled + static_cast<int>(results->settled);
    part.more = NextPage(page, *results, settled, part);
    if (!part.more.has_value() && !IsInOrder(elements)) {
      // A job that ended early has no list, or one that stops somewhere.
      if (!phase.has_value() || !EndedEarly(*phase)) {
        body_.AddDrift({.part = page.part}, nullptr,
                       "not one element for each contact");
        if (phase != JobPhase::kRunning) return Drifted();
      }
      results->items.clear();
    }
    part.items = std::move(results->items);
    const bool all_settled = !part.open && settled >= ToSettle();
    part.phase =
        phase.value_or(all_settled ? JobPhase::kFinished : JobPhase::kRunning);
    if (!part.more.has_value()) SetCost(page.cost, part);
    return part;
  }

  ResultScope ScopeOf(const Page& page, std::optional<JobPhase> phase) const {
    return {
        .plan = target_.operation.result,
        .part = page.part,
        .max_elements = MaxElements(plan_, target_.operation, contacts_),
        .item_count = contacts_,
        .want_raw = target_.job.want_raw,
        .found_only = phase.has_value() && EndedEarly(*phase),
        .may_be_missing = phase.has_value() && phase != JobPhase::kFinished,
        .count_settled = !phase.has_value(),
        .first_position = target_.cursor.elements,
        .only_job = item_,
        .item_jobs = target_.item_jobs.empty() ? nullptr : &target_.item_jobs};
  }

  // Contacts of which results are to come.
  int ToSettle() const {
    return item_ == nullptr && !target_.item_jobs.empty()
               ? static_cast<int>(target_.named_jobs.size())
               : contacts_;
  }

  std::optional<Cursor> NextPage(const Page& page, const Results& results,
                                 int settled, Part& part) {
    if (!page.next.has_value()) return std::nullopt;
    const Value next = body_.Evaluate(*page.next);
    if (!next.truthy()) return std::nullopt;
    json::Writer out;
    next.WriteWithin(body_.arena(), out);
    if (results.elements == 0 || out.size() > kMaxPageBytes) {
      body_.AddDrift({.part = page.part}, &*page.next,
                     "a next page after an empty one, or no cursor");
      part.open = true;
      return std::nullopt;
    }
    return Cursor{.job = target_.cursor.job,
                  .open = part.open,
                  .ended = target_.cursor.ended,
                  .elements = target_.cursor.elements +
                              static_cast<int>(results.elements),
                  .settled = settled,
                  .page = out.Take()};
  }

  // Were a contact left out, all after it would get each other's results.
  bool IsInOrder(size_t elements) const {
    return target_.operation.result.match.kind != MatchPlan::Kind::kPosition ||
           elements == static_cast<size_t>(contacts_);
  }

  // While a job runs it is not known what will be refunded.
  void SetCost(const std::optional<Expression>& cost, Part& part) {
    const bool ended = part.phase != JobPhase::kRunning ||
                       (part.more.has_value() && part.more->ended.has_value());
    if (cost.has_value() && ended) {
      part.cost = CreditsOf(body_.Evaluate(*cost), body_.arena());
    }
  }

  // ---- What it says otherwise -----------------------------------------------

  PartOrReply ByRule(const ErrorRule& rule) {
    switch (rule.error_class) {
      case ErrorClass::kRateLimited:
        return PauseOf(rule, plan_.retry_after, response_, body_);
      case ErrorClass::kCallAgain:
      case ErrorClass::kRunning:
        return Part();
      case ErrorClass::kJobUnknown:
        return JobUnknown{Describe(response_, &rule, body_)};
      case ErrorClass::kNotFound:
        return Miss(rule);
      default:
        return Failed(rest::ReasonOf(rule.error_class), &rule);
    }
  }

  PartOrReply Miss(const ErrorRule& rule) {
    // Of several, it does not say whose.
    if (contacts_ != 1) return Failed(FailureReason::kProviderRejected, &rule);
    ItemAnswer item{.fields =
                        SameForAll(target_.operation.result.fields,
                                   Outcome::kNotFound, FailureReason::kNone)};
    if (item_ != nullptr) {
      item.key = item_->key;
    } else {
      item.index = 0;
    }
    Part part{.phase = JobPhase::kFinished};
    part.items.push_back(std::move(item));
    return part;
  }

  FetchReply Failed(FailureReason reason, const ErrorRule* rule) {
    return FetchFailed{.reason = reason,
                       .message = Describe(response_, rule, body_),
                       .drift = body_.TakeDrift()};
  }

  FetchReply Drifted() {
    return Failed(FailureReason::kProviderUnavailable, nullptr);
  }

  FetchReply Unreadable() {
    body_.AddUnreadable("poll");
    return Drifted();
  }

  // ---- The whole job --------------------------------------------------------

  // Whether this says something of one contact's job only: the others are read
  // all the same, and this one again the next time.
  static bool IsOfOneItem(const FetchReply& reply) {
    if (std::holds_alternative<JobUnknown>(reply)) return true;
    const auto* failed = std::get_if<FetchFailed>(&reply);
    return failed != nullptr &&
           (failed->reason == FailureReason::kProviderUnavailable ||
            failed->reason == FailureReason::kProviderRejected);
  }

  JobAnswer Answer(Part part) {
    JobAnswer answer;
    if (target_.job.cursor.empty()) answer.items = RefusedItems(target_);
    std::move(part.items.begin(), part.items.end(),
              std::back_inserter(answer.items));
    if (part.more.has_value()) {
      answer.cursor = WriteCursor(*part.more);
      answer.cost = part.cost;
    } else if (item_ != nullptr) {
      EndItem(part, answer);
    } else {
      answer.cost = part.cost;
      answer.phase = EndPhase(part.phase, part.open);
    }
    answer.drift = body_.TakeDrift();
    return answer;
  }

  // Goes on to the next contact's job.
  void EndItem(const Part& part, JobAnswer& answer) const {
    if (EndedEarly(part.phase)) {
      // What was found is said before, and stays.
      answer.items.push_back(
          {.key = item_->key,
           .fields = SameForAll(target_.operation.result.fields,
                                Outcome::kFailed, ReasonOf(part.phase))});
    }
    const bool open =
        target_.cursor.open || part.open || part.phase == JobPhase::kRunning;
    const Cursor next = {.job = target_.cursor.job + 1, .open = open};
    if (static_cast<size_t>(next.job) < target_.named_jobs.size()) {
      answer.cursor = WriteCursor(next);
    } else {
      answer.phase = EndPhase(JobPhase::kFinished, open);
    }
  }

  // A contact that is not done keeps a finished job running.
  JobPhase EndPhase(JobPhase phase, bool open) const {
    const bool unnamed =
        std::any_of(target_.item_jobs.begin(), target_.item_jobs.end(),
                    [](const ItemJob& job) {
                      return job.state == ItemJob::State::kUnnamed;
                    });
    return phase == JobPhase::kFinished && (open || unnamed)
               ? JobPhase::kRunning
               : phase;
  }

  const Plan& plan_;
  const FetchTarget& target_;
  const PollPlan& poll_;
  const HttpResponse& response_;
  // The contact whose job this is about, else null.
  const ItemJob* const item_;
  const int contacts_;
  AnswerBody body_;
};

}  // namespace

FetchReply ReadFetchReply(const Plan& plan, const FetchTarget& target,
                          const HttpResponse& response) {
  return Reader(plan, target, response).Read();
}

}  // namespace enrich::rest
