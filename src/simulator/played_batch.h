#ifndef ENRICH_SIMULATOR_PLAYED_BATCH_H_
#define ENRICH_SIMULATOR_PLAYED_BATCH_H_

#include <string>
#include <vector>

#include "http/http_message.h"
#include "model/credits.h"
#include "simulator/exchange_template.h"
#include "simulator/person_oracle.h"
#include "simulator/provider_script.h"

// What the contacts of a request to a played provider are answered.
namespace enrich::simulator {

// The contacts of one request, as they are worked on.
struct PlayedBatch {
  const PlayedVariant* variant = nullptr;
  std::vector<ContactValues> contacts = {};
  // Of each contact, what is found.
  std::vector<Findings> findings = {};
  // One, or one for each contact.
  std::vector<std::string> ids = {};
  std::string reference = {};
  std::string callback_url = {};
  bool fails = false;
  bool done = false;
};

std::vector<size_t> AllContacts(const PlayedBatch& batch);

// The answer as it was recorded.
HttpResponse RenderStep(const PlayedStep& step);

// Makes the members of the recorded answer that `expression` reads, and that
// are `recorded`, say `actual`.
void ReplaceAmount(const rest::Expression& expression, const PlayedStep& step,
                   Credits recorded, Credits actual, Replacements& out);

// Gives contacts what fixtures show of others. The same contact always gets the
// same. Thread-safe.
class BatchAnswers {
 public:
  explicit BatchAnswers(const PersonOracle& oracle) : oracle_(oracle) {}

  // What is found of a contact; with `shared`, of one that shares its answer.
  Findings ChooseFindings(const PlayedVariant& variant,
                          const ContactValues& contact, bool shared) const;
  // The answer for these contacts of the batch: the one that shows most, or
  // for a single contact any that has what is found of it.
  const PlayedAnswer& Choose(const std::vector<PlayedAnswer>& answers,
                             const PlayedBatch& batch,
                             const std::vector<size_t>& contacts) const;
  // Whose part of the answer a contact gets.
  size_t Original(const PlayedAnswer& answer, const PlayedBatch& batch,
                  size_t contact) const;
  // What the whole batch costs, by the answers it gets.
  Credits CostOf(const PlayedBatch& batch) const;
  // The answer with these contacts in it. Those of an answer of the same
  // fixture as `like` get the same parts as in that one.
  HttpResponse Render(const PlayedAnswer& answer, const PlayedBatch& batch,
                      const std::vector<size_t>& contacts,
                      const PlayedAnswer* like = nullptr) const;

 private:
  Credits CostOf(const PlayedAnswer& answer, const PlayedBatch& batch,
                 const std::vector<size_t>& contacts) const;
  Credits FieldCost(const PlayedAnswer& answer, const PlayedBatch& batch,
                    const std::vector<size_t>& contacts) const;
  Replacements ReplacementsFor(const PlayedAnswer& answer, size_t original,
                               const ContactValues& actual) const;

  const PersonOracle& oracle_;
};

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_PLAYED_BATCH_H_
