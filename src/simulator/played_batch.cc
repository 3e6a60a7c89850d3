#include "simulator/played_batch.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "adapters/rest/expression_words.h"
#include "expression/arena.h"
#include "expression/value.h"
#include "simulator/credit_text.h"
#include "simulator/played_person.h"
#include "simulator/played_request.h"

namespace enrich::simulator {
namespace {

using Answers = std::vector<PlayedAnswer>;

std::string CreditsText(Credits credits) {
  json::Writer out;
  WriteCredits(credits, out);
  return out.Take();
}

// The plan's cost, where this step has one.
const rest::Expression* CostExpression(const rest::Variant& plan,
                                       const PlayedStep& step) {
  const auto pointer = [](const std::optional<rest::Expression>& cost) {
    return cost.has_value() ? &*cost : nullptr;
  };
  switch (step.kind) {
    case PlayedStep::Kind::kSubmit:
      return pointer(plan.submit.cost);
    case PlayedStep::Kind::kWebhook:
      return plan.webhook ? pointer(plan.webhook->cost) : nullptr;
    case PlayedStep::Kind::kPoll:
      if (!plan.poll.has_value()) return nullptr;
      return plan.poll->then ? pointer(plan.poll->then->cost)
                             : pointer(plan.poll->cost);
    case PlayedStep::Kind::kBalance:
    case PlayedStep::Kind::kToken:
      break;
  }
  return nullptr;
}

// The job's id in place of the recorded one: the contact's, where each has one.
void AddJobIds(const PlayedAnswer& answer, const PlayedBatch& batch,
               size_t original, size_t contact, Replacements& out) {
  const bool per_item = batch.variant->per_item();
  const size_t index = per_item ? original : 0;
  if (index >= answer.job_ids.size() || batch.ids.empty()) return;
  const std::string& recorded = answer.job_ids[index];
  const std::string& actual = batch.ids[per_item ? contact : 0];
  out.whole.emplace(absl::AsciiStrToLower(recorded), actual);
  // Short ones could be part of anything.
  if (recorded.size() >= 6) out.parts.emplace_back(recorded, actual);
}

// Whether an answer or a push names its job in this header.
bool NamesJob(const rest::Variant& plan, absl::string_view header) {
  using Source = rest::SignaturePlan::Source;
  const bool registered =
      plan.webhook.has_value() && plan.webhook->registered.has_value() &&
      plan.webhook->registered->kind == Source::Kind::kHeader;
  return absl::EqualsIgnoreCase(header, plan.submit.job_header) ||
         (registered &&
          absl::EqualsIgnoreCase(header, plan.webhook->registered->name));
}

}  // namespace

std::vector<size_t> AllContacts(const PlayedBatch& batch) {
  std::vector<size_t> all(batch.contacts.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = i;
  return all;
}

void ReplaceAmount(const rest::Expression& expression, const PlayedStep& step,
                   Credits recorded, Credits actual, Replacements& out) {
  const json::Document body = BodyDocument(step.answer.body);
  for (const auto& [place, value] : PlacesOf(body.root(), {})) {
    const std::string key = place.substr(place.rfind('/') + 1);
    if (rest::Mentions(expression, key)) out.amount_keys.insert(key);
  }
  out.amount = CreditsText(recorded);
  out.new_amount = CreditsText(actual);
}

HttpResponse RenderStep(const PlayedStep& step) {
  HttpResponse response = step.answer;
  if (FindHeader(response.headers, "content-type").empty()) {
    response.headers.emplace_back("Content-Type", "application/json");
  }
  return response;
}

// ---- What the fixtures say --------------------------------------------------

Findings BatchAnswers::ChooseFindings(const PlayedVariant& variant,
                                      const ContactValues& contact,
                                      bool shared) const {
  const std::set<Findings>& offered = shared && !variant.per_item()
                                          ? variant.shared_findings
                                          : variant.findings;
  const std::string identity = IdentityOf(contact);
  const auto most = std::max_element(
      offered.begin(), offered.end(),
      [](const auto& a, const auto& b) { return a.size() < b.size(); });
  const auto least = std::min_element(
      offered.begin(), offered.end(),
      [](const auto& a, const auto& b) { return a.size() < b.size(); });
  if (absl::StrContains(identity, "notfound")) return *least;
  if (absl::StrContains(identity, "found")) return *most;
  return *std::next(
      offered.begin(),
      static_cast<int64_t>(oracle_.Draw(identity, "findings", offered.size())));
}

const PlayedAnswer& BatchAnswers::Choose(
    const Answers& answers, const PlayedBatch& batch,
    const std::vector<size_t>& contacts) const {
  if (contacts.size() > 1) return *PlayedVariant::Best(answers);
  const size_t contact = contacts.front();
  std::vector<const PlayedAnswer*> fitting;
  for (const PlayedAnswer& answer : answers) {
    if (!answer.With(batch.findings[contact]).empty()) {
      fitting.push_back(&answer);
    }
  }
  if (fitting.empty()) return answers.front();
  return *fitting[oracle_.Draw(IdentityOf(batch.contacts[contact]), "answer",
                               fitting.size())];
}

size_t BatchAnswers::Original(const PlayedAnswer& answer,
                              const PlayedBatch& batch, size_t contact) const {
  const std::vector<size_t> fitting = answer.With(batch.findings[contact]);
  if (fitting.empty()) return contact % answer.fixture->contacts.size();
  return fitting[oracle_.Draw(IdentityOf(batch.contacts[contact]), "original",
                              fitting.size())];
}

// What the answer itself says that it costs; without that, what its fields do.
Credits BatchAnswers::CostOf(const PlayedAnswer& answer,
                             const PlayedBatch& batch,
                             const std::vector<size_t>& contacts) const {
  const rest::Expression* cost =
      CostExpression(*batch.variant->plan, *answer.step);
  if (cost != nullptr && answer.step->expect.cost.has_value()) {
    const json::Document body =
        BodyDocument(Render(answer, batch, contacts).body);
    const expression::Value root(body.root());
    expression::Arena arena;
    const std::optional<double> number =
        json::ParseDouble(cost->Evaluate(root, root, arena).AsText(arena));
    const auto credits = number ? Credits::FromDouble(*number) : std::nullopt;
    if (credits.has_value()) return *credits;
  }
  return FieldCost(answer, batch, contacts);
}

Credits BatchAnswers::FieldCost(const PlayedAnswer& answer,
                                const PlayedBatch& batch,
                                const std::vector<size_t>& contacts) const {
  Credits cost;
  for (const size_t contact : contacts) {
    const auto said = answer.said.find(Original(answer, batch, contact));
    if (said == answer.said.end()) continue;
    for (const auto& [name, field] : said->second->fields) {
      cost += field.credits;
    }
  }
  return cost;
}

Credits BatchAnswers::CostOf(const PlayedBatch& batch) const {
  const PlayedVariant& variant = *batch.variant;
  const std::vector<size_t> all = AllContacts(batch);
  const bool job = variant.JobGives(batch.findings.front());
  const Answers& answers = !job                        ? variant.inlines
                           : !variant.finished.empty() ? variant.finished
                                                       : variant.pushes;
  const bool together =
      !job || (variant.finished.empty() ? variant.plan->webhook->batch_scope
                                        : !variant.per_item());
  if (together) return CostOf(Choose(answers, batch, all), batch, all);
  Credits cost;
  for (const size_t contact : all) {
    cost += CostOf(Choose(answers, batch, {contact}), batch, {contact});
  }
  return cost;
}

Replacements BatchAnswers::ReplacementsFor(const PlayedAnswer& answer,
                                           size_t original,
                                           const ContactValues& actual) const {
  Replacements out;
  for (const auto& [input, value] : answer.fixture->contacts[original]) {
    const auto own = actual.find(input);
    if (own == actual.end()) continue;
    out.whole.emplace(absl::AsciiStrToLower(value), own->second);
  }
  const auto said = answer.said.find(original);
  if (said == answer.said.end()) return out;
  size_t number = 0;
  for (const auto& [name, field] : said->second->fields) {
    for (const std::string& email : field.emails) {
      // Has its place already where it is the address that was asked about.
      out.whole.emplace(absl::AsciiStrToLower(email),
                        EmailOf(actual, number++));
    }
    for (const auto& spellings : field.phones) {
      const std::string phone = PhoneOf(oracle_, actual, number++);
      for (const std::string& spelling : spellings) {
        if (!spelling.empty()) out.whole.emplace(spelling, phone);
      }
    }
  }
  return out;
}

HttpResponse BatchAnswers::Render(const PlayedAnswer& answer,
                                  const PlayedBatch& batch,
                                  const std::vector<size_t>& contacts,
                                  const PlayedAnswer* like) const {
  const bool same = like != nullptr && like->fixture == answer.fixture;
  Replacements common;
  std::vector<PlayedContact> played;
  for (const size_t contact : contacts) {
    const size_t original = Original(same ? *like : answer, batch, contact);
    Replacements own =
        ReplacementsFor(answer, original, batch.contacts[contact]);
    if (contacts.size() == 1) common = own;
    AddJobIds(answer, batch, original, contact, own);
    AddJobIds(answer, batch, original, contact, common);
    played.push_back({.original = original, .replacements = std::move(own)});
  }
  common.whole.emplace("fx", batch.reference);
  const rest::Expression* cost =
      CostExpression(*batch.variant->plan, *answer.step);
  if (cost != nullptr && answer.step->expect.cost.has_value()) {
    ReplaceAmount(*cost, *answer.step, *answer.step->expect.cost,
                  FieldCost(answer, batch, contacts), common);
  }
  HttpResponse response = RenderStep(*answer.step);
  response.body = answer.body.Render(played, common);
  for (auto& [name, value] : response.headers) {
    if (NamesJob(*batch.variant->plan, name)) value = batch.ids.front();
  }
  return response;
}

}  // namespace enrich::simulator
