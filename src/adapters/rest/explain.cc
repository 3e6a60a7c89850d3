#include "adapters/rest/explain.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "adapters/rest/adapter.h"
#include "adapters/rest/answer_body.h"
#include "adapters/rest/error_rules.h"
#include "adapters/rest/fixture_run.h"
#include "adapters/rest/job_ids.h"
#include "adapters/rest/json_difference.h"
#include "adapters/rest/load_words.h"
#include "adapters/rest/redact.h"
#include "base/json.h"

namespace enrich::rest {
namespace {

// More elements say nothing new.
constexpr size_t kMaxElements = 10;

std::string ToJson(const Value& value) {
  json::Writer writer;
  value.WriteTo(writer);
  return writer.Take();
}

absl::string_view MatchName(const MatchPlan& match) {
  switch (match.kind) {
    case MatchPlan::Kind::kRef:
      return "ref";
    case MatchPlan::Kind::kPosition:
    case MatchPlan::Kind::kPositionExpression:
      return "position";
    case MatchPlan::Kind::kItemJob:
      return "item_job";
    case MatchPlan::Kind::kEcho:
      return match.input == InputEcho::Input::kEmail         ? "email"
             : match.input == InputEcho::Input::kLinkedinUrl ? "linkedin_url"
                                                             : "company_domain";
    case MatchPlan::Kind::kOnlyItem:
      return "only_item";
  }
  return "";
}

class Explainer {
 public:
  Explainer(std::shared_ptr<const Plan> plan, const Fixture& fixture)
      : plan_(*plan),
        fixture_(fixture),
        adapter_(NewAdapter(std::move(plan))),
        run_(fixture, *adapter_),
        redactor_(plan_.redact) {}

  std::string Explain() {
    if (!fixture_.describe.empty()) Line("", fixture_.describe);
    if (!run_.obstacle().empty()) {
      Line("", "cannot be run: ", run_.obstacle());
      return std::move(out_);
    }
    operation_ = &plan_.Find(fixture_.operation);
    variant_ =
        &operation_->VariantFor(static_cast<int>(fixture_.contacts.size()));
    for (size_t i = 0; i < fixture_.steps.size(); ++i) {
      ExplainStep(i + 1, fixture_.steps[i]);
    }
    return std::move(out_);
  }

 private:
  template <typename... Parts>
  void Line(absl::string_view indent, const Parts&... parts) {
    absl::StrAppend(&out_, indent, parts..., "\n");
  }

  void ExplainStep(size_t number, const FixtureStep& step) {
    Line("", "\nstep ", number, ", ", StepName(step.kind), " (line ", step.line,
         ")");
    const Cursor cursor = ReadCursor(step.cursor.value_or(run_.job().cursor));
    const FixtureRun::Outcome outcome = run_.Run(step);
    if (!outcome.obstacle.empty()) {
      return Line("  ", outcome.obstacle);
    }
    ExplainMessages(step, outcome.request);
    ExplainReading(step, cursor, outcome);
    Line("  ", "means    ", outcome.answer);
    for (const std::string& note : outcome.notes) Line("           ", note);
    const auto differences =
        JsonDifferences(step.expect, outcome.answer, JsonMatch::kLoose);
    if (differences.empty()) return Line("  ", "as expected");
    for (const std::string& difference : differences) {
      Line("  ", "NOT AS EXPECTED: ", difference);
    }
  }

  void ExplainMessages(const FixtureStep& step, const HttpRequest& request) {
    const bool push = step.kind == FixtureStep::Kind::kWebhook;
    Line("  ", push ? "received " : "sends    ", request.method, " ",
         redactor_.Url(request.url));
    for (const auto& [name, value] : request.headers) {
      Line("           ", name, ": ", redactor_.Header(name, value));
    }
    if (!request.body.empty()) {
      Line("           ", redactor_.Body(request.body));
    }
    if (push) return;
    Line("  ", "receives HTTP ", step.response.status);
    for (const auto& [name, value] : step.response.headers) {
      Line("           ", name, ": ", redactor_.Header(name, value));
    }
    if (!step.response.body.empty()) {
      Line("           ", redactor_.Body(step.response.body));
    }
  }

  void ExplainReading(const FixtureStep& step, const Cursor& cursor,
                      const FixtureRun::Outcome& outcome) {
    AnswerBody body(operation_->id, step.response.body);
    switch (step.kind) {
      case FixtureStep::Kind::kSubmit:
        return ExplainSubmit(step.response, outcome.taken, body);
      case FixtureStep::Kind::kPoll:
        return ExplainPoll(step.response, cursor, body);
      case FixtureStep::Kind::kWebhook:
        return ExplainWebhook(outcome.request, step.received, body);
      case FixtureStep::Kind::kBalance:
        return Show("balance.value", plan_.balance->value, body.root(), body);
      case FixtureStep::Kind::kToken:
        return;
    }
  }

  void ExplainRule(const ErrorRule* rule) {
    if (rule == nullptr) {
      return Line("  ", "errors   no rule holds");
    }
    Line("  ", "errors   the rule in line ", rule->line,
         " holds: ", ErrorClassName(rule->error_class));
  }

  void Show(absl::string_view name, const std::optional<Expression>& expression,
            const Value& current, AnswerBody& body) {
    if (expression.has_value()) Show(name, *expression, current, body);
  }
  void Show(absl::string_view name, const Expression& expression,
            const Value& current, AnswerBody& body) {
    Line("  ", "         ", name, " = ",
         redactor_.Body(ToJson(body.Evaluate(expression, current))), "   (",
         expression.text(), ")");
  }

  // Of a success, only rules that name its status are asked.
  void ExplainSubmit(const HttpResponse& response, bool taken,
                     AnswerBody& body) {
    const SubmitPlan& submit = variant_->submit;
    const bool with_status = taken && !submit.inline_always;
    ExplainRule(FindRule(
        operation_->errors,
        with_status ? RuleScope::kSubmitWithStatus : RuleScope::kSubmit,
        response, body));
    if (!IsSuccess(response)) return;
    Show("accept", submit.accept, body.root(), body);
    Show("job", submit.job, body.root(), body);
    if (submit.job_per_item.has_value()) {
      Show("job_per_item.items", submit.job_per_item->items, body.root(), body);
    }
    Show("inline", submit.inline_when, body.root(), body);
    Show("debited", submit.debited, body.root(), body);
    ExplainResults("results", submit.results, body.root(), body);
  }

  void ExplainPoll(const HttpResponse& response, const Cursor& cursor,
                   AnswerBody& body) {
    const PollPlan& poll = *variant_->poll;
    ExplainRule(FindRule(operation_->errors, RuleScope::kPoll, response, body));
    if (cursor.ended.has_value() && poll.then.has_value()) {
      ExplainResults("then.results", poll.then->results, body.root(), body);
      Show("then.next", poll.then->next, body.root(), body);
      return;
    }
    Show("state", poll.state, body.root(), body);
    Show("done", poll.done, body.root(), body);
    ExplainResults("results", poll.results, body.root(), body);
    Show("next", poll.next, body.root(), body);
    Show("cost", poll.cost, body.root(), body);
  }

  void ExplainWebhook(const HttpRequest& request, absl::Time received,
                      AnswerBody& body) {
    if (!variant_->webhook.has_value()) return;
    const WebhookPlan& webhook = *variant_->webhook;
    if (webhook.verify.has_value()) {
      Line("  ", "verify   ",
           adapter_->VerifyWebhook(request, received) ? "from the provider"
                                                      : "refused");
    }
    if (webhook.registered.has_value()) {
      Line("  ", "job      ", adapter_->JobOfPush(request));
    }
    if (!webhook.events.has_value()) {
      return ExplainEvent(webhook, body.root(), body);
    }
    Show("events", webhook.events, body.root(), body);
    body.Evaluate(*webhook.events).ForEachElement([&](const Value& event) {
      ExplainEvent(webhook, event, body);
    });
  }

  void ExplainEvent(const WebhookPlan& webhook, const Value& event,
                    AnswerBody& body) {
    Line("  ", "event    ", redactor_.Body(ToJson(event)));
    Show("only", webhook.only, event, body);
    Show("job", webhook.job, event, body);
    Show("state", webhook.state, event, body);
    ExplainResults("results", webhook.results, event, body);
  }

  void ExplainResults(absl::string_view name, const ResultLists& lists,
                      const Value& current, AnswerBody& body) {
    for (const ResultList& list : lists) {
      const Value elements = body.Evaluate(list.at, current);
      Line("  ", name, ": ",
           elements.type() == expression::Type::kArray
               ? absl::StrCat(elements.size(), " elements")
               : std::string("no list"),
           "   (", list.at.text(), ")");
      size_t index = 0;
      elements.ForEachElement([&](const Value& element) {
        if (index < kMaxElements) ExplainElement(index, list, element, body);
        ++index;
      });
      if (index > kMaxElements) {
        Line("    ", "and ", index - kMaxElements, " more");
      }
    }
  }

  void ExplainElement(size_t index, const ResultList& list,
                      const Value& element, AnswerBody& body) {
    const ResultPlan& result = operation_->result;
    Line("    ", "element ", index, ": ", redactor_.Body(ToJson(element)));
    if (result.match.value.has_value()) {
      Show(absl::StrCat("match.", MatchName(result.match)), *result.match.value,
           element, body);
    } else {
      Line("           ", "match.", MatchName(result.match));
    }
    for (const FieldPlan& field : result.fields) {
      const std::string name(FieldName(field.field));
      if (list.state.has_value()) {
        Line("           ", name, ".state is that of the list");
      } else {
        Show(name + ".state", field.state, element, body);
      }
      Show(name + ".values", field.values, element, body);
      Show(name + ".credits", field.credits, element, body);
    }
  }

  const Plan& plan_;
  const Fixture& fixture_;
  const std::unique_ptr<ProviderAdapter> adapter_;
  FixtureRun run_;
  const Redactor redactor_;
  const OperationPlan* operation_ = nullptr;
  const Variant* variant_ = nullptr;
  std::string out_;
};

}  // namespace

std::string ExplainFixture(std::shared_ptr<const Plan> plan,
                           const Fixture& fixture) {
  return Explainer(std::move(plan), fixture).Explain();
}

}  // namespace enrich::rest
