#include "adapters/rest/submit_reply.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapters/rest/answer_body.h"
#include "adapters/rest/error_rules.h"
#include "adapters/rest/job_ids.h"
#include "adapters/rest/results.h"

namespace enrich::rest {
namespace {

// Reads the answer to one submission.
class Reader {
 public:
  Reader(const Plan& plan, const OperationPlan& operation,
         const SubmitRequest& request, const HttpResponse& response)
      : plan_(plan),
        operation_(operation),
        request_(request),
        response_(response),
        submit_(operation.VariantFor(static_cast<int>(request.items.size()))
                    .submit),
        body_(operation.id, response.body) {}

  SubmitReply Read() {
    if (!IsSuccess(response_)) return ByRule(RuleScope::kSubmit);
    // What is always inline names no job that could be lost.
    const RuleScope first = submit_.inline_always
                                ? RuleScope::kSubmit
                                : RuleScope::kSubmitWithStatus;
    if (FindRule(operation_.errors, first, response_, body_) != nullptr) {
      return ByRule(first);
    }
    if (submit_.accept.has_value() &&
        !body_.Evaluate(*submit_.accept).truthy()) {
      body_.AddDrift({.part = "submit.accept"}, &*submit_.accept, "not true");
      return ByRule(RuleScope::kSubmit);
    }
    std::optional<SubmitReply> success = ReadSuccess();
    // Cut short, an expression may have said anything.
    if (success.has_value() && !body_.is_exhausted())
      return *std::move(success);
    return ByRule(RuleScope::kSubmit);
  }

 private:
  // ---- Success --------------------------------------------------------------

  std::optional<SubmitReply> ReadSuccess() {
    if (submit_.inline_always) return ReadInline();
    if (submit_.inline_when.has_value() &&
        body_.Evaluate(*submit_.inline_when).truthy()) {
      std::optional<SubmitReply> answer = ReadInline();
      if (answer.has_value() && IsDone(*answer)) return answer;
      // What is still open can be read again by the job's id.
      std::optional<SubmitReply> job = ReadJob();
      return job.has_value() ? std::move(job) : std::move(answer);
    }
    return ReadJob();
  }

  static bool IsDone(const SubmitReply& reply) {
    const auto* answer = std::get_if<JobAnswer>(&reply);
    return answer != nullptr && answer->phase == JobPhase::kFinished;
  }

  std::optional<SubmitReply> ReadJob() {
    if (submit_.job_per_item.has_value()) return ReadItemJobIds();
    if (submit_.job_none) return SubmitReply(Accept(""));
    std::string id =
        submit_.job_header.empty()
            ? body_.Text(submit_.job, body_.root())
            : std::string(FindHeader(response_.headers, submit_.job_header));
    if (IsUsableId(id)) return SubmitReply(Accept(std::move(id)));
    body_.AddDrift({.part = "submit.job"},
                   submit_.job.has_value() ? &*submit_.job : nullptr,
                   "no usable id");
    return std::nullopt;
  }

  Accepted Accept(std::string id) {
    Accepted accepted{.provider_job_id = std::move(id)};
    if (submit_.debited.has_value()) {
      accepted.debited =
          CreditsOf(body_.Evaluate(*submit_.debited), body_.arena());
    }
    return accepted;
  }

  // ---- A job for each contact -----------------------------------------------

  std::optional<SubmitReply> ReadItemJobIds() {
    const SubmitPlan::PerItem& per_item = *submit_.job_per_item;
    const Value elements = body_.Evaluate(per_item.items);
    if (elements.type() != json::Type::kArray ||
        elements.size() != request_.items.size()) {
      body_.AddDrift({.part = "submit.job_per_item"}, &per_item.items,
                     "not one element for each contact");
      return std::nullopt;
    }
    std::vector<ItemJob> jobs;
    elements.ForEachElement([&](const Value& element) {
      jobs.push_back(ReadItemJob(per_item, element, jobs.size()));
    });
    const auto in_state = [&jobs](ItemJob::State state) {
      return std::any_of(jobs.begin(), jobs.end(), [state](const ItemJob& job) {
        return job.state == state;
      });
    };
    if (in_state(ItemJob::State::kGiven)) {
      return SubmitReply(Accept(WriteItemJobs(jobs)));
    }
    if (in_state(ItemJob::State::kUnnamed)) return std::nullopt;
    return SubmitReply(AllRefused());
  }

  ItemJob ReadItemJob(const SubmitPlan::PerItem& per_item, const Value& element,
                      size_t position) {
    ItemJob job{.key = request_.items[position].key,
                .position = static_cast<int>(position)};
    if (per_item.refused.has_value() &&
        body_.Evaluate(*per_item.refused, element).truthy()) {
      job.state = ItemJob::State::kRefused;
      return job;
    }
    job.id =
        std::string(body_.Evaluate(per_item.id, element).AsText(body_.arena()));
    if (!IsUsableId(job.id)) {
      body_.AddDrift({.part = "submit.job_per_item", .element = position},
                     &per_item.id, "no usable id");
      job.state = ItemJob::State::kUnnamed;
    }
    return job;
  }

  JobAnswer AllRefused() {
    return ForAllItems(Outcome::kFailed, FailureReason::kProviderRejected);
  }

  JobAnswer ForAllItems(Outcome outcome, FailureReason reason) {
    JobAnswer answer{.phase = JobPhase::kFinished};
    for (const SubmitItem& item : request_.items) {
      answer.items.push_back(
          {.key = item.key,
           .fields = SameForAll(operation_.result.fields, outcome, reason)});
    }
    answer.drift = body_.TakeDrift();
    return answer;
  }

  // ---- Results at once ------------------------------------------------------

  std::optional<SubmitReply> ReadInline() {
    const auto items = static_cast<int>(request_.items.size());
    const ResultScope scope = {
        .plan = operation_.result,
        .part = "submit.results",
        .max_elements = MaxElements(plan_, operation_, items),
        .item_count = items,
        .want_raw = request_.want_raw};
    std::optional<Results> results =
        ReadResults(submit_.results, body_.root(), scope, body_);
    if (!results.has_value() || !IsInOrder(*results)) return std::nullopt;
    const bool nothing_said = results->items.empty() && body_.has_drift();
    if (nothing_said) return std::nullopt;
    JobAnswer answer{
        .phase = results->open > 0 ? JobPhase::kRunning : JobPhase::kFinished,
        .items = std::move(results->items)};
    for (ItemAnswer& item : answer.items) NameContact(item);
    if (submit_.cost.has_value()) {
      answer.cost = CreditsOf(body_.Evaluate(*submit_.cost), body_.arena());
    }
    answer.drift = body_.TakeDrift();
    return SubmitReply(std::move(answer));
  }

  // Were a contact left out, all after it would get each other's results.
  bool IsInOrder(const Results& results) {
    if (operation_.result.match.kind != MatchPlan::Kind::kPosition ||
        results.elements == request_.items.size()) {
      return true;
    }
    body_.AddDrift({.part = "submit.results"}, nullptr,
                   "not one element for each contact");
    return false;
  }

  void NameContact(ItemAnswer& item) const {
    if (!item.index.has_value()) return;
    item.key = request_.items[static_cast<size_t>(*item.index)].key;
    item.index.reset();
  }

  // ---- No success -----------------------------------------------------------

  SubmitReply ByRule(RuleScope scope) {
    const ErrorRule* rule =
        FindRule(operation_.errors, scope, response_, body_);
    if (rule == nullptr || body_.is_exhausted()) return InDoubt(nullptr);
    switch (rule->error_class) {
      case ErrorClass::kBadCredentials:
      case ErrorClass::kOutOfCredits:
      case ErrorClass::kRefused:
      case ErrorClass::kInvalidInput:
        return Rejected{.reason = ReasonOf(rule->error_class),
                        .message = Describe(response_, rule, body_),
                        .item_index = ItemAtFault(*rule)};
      case ErrorClass::kRateLimited:
      case ErrorClass::kCallAgain:
        return PauseOf(*rule, plan_.retry_after, response_, body_);
      case ErrorClass::kNotFound:
        // Of several, it does not say whose.
        if (request_.items.size() != 1) break;
        return ForAllItems(Outcome::kNotFound, FailureReason::kNone);
      case ErrorClass::kUnavailable:
      case ErrorClass::kRunning:
      case ErrorClass::kJobUnknown:
        break;
    }
    return InDoubt(rule);
  }

  std::optional<int> ItemAtFault(const ErrorRule& rule) {
    if (!rule.item.has_value()) return std::nullopt;
    return PositionOf(body_.Evaluate(*rule.item),
                      static_cast<int>(request_.items.size()), body_.arena());
  }

  SubmitReply InDoubt(const ErrorRule* rule) {
    if (IsSuccess(response_) && !body_.readable()) {
      body_.AddUnreadable("submit");
    }
    return Indeterminate{.message = Describe(response_, rule, body_),
                         .drift = body_.TakeDrift()};
  }

  const Plan& plan_;
  const OperationPlan& operation_;
  const SubmitRequest& request_;
  const HttpResponse& response_;
  const SubmitPlan& submit_;
  AnswerBody body_;
};

}  // namespace

SubmitReply ReadSubmitReply(const Plan& plan, const OperationPlan& operation,
                            const SubmitRequest& request,
                            const HttpResponse& response) {
  return Reader(plan, operation, request, response).Read();
}

}  // namespace enrich::rest
