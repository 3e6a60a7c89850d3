#ifndef ENRICH_SIMULATOR_PLAYED_ANSWER_H_
#define ENRICH_SIMULATOR_PLAYED_ANSWER_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "adapters/rest/plan.h"
#include "http/http_message.h"
#include "simulator/exchange_template.h"
#include "simulator/played_fixture.h"

// A recorded answer, and what it says of whom.
namespace enrich::simulator {

// What is found of a contact: the names of the fields, in order.
using Findings = std::set<std::string>;

// A recorded answer that can be given to other contacts.
struct PlayedAnswer {
  // Borrowed from the script's fixtures.
  const PlayedFixture* fixture = nullptr;
  const PlayedStep* step = nullptr;
  AnswerTemplate body = {};
  // As JobIdsOf, of the fixture's job; empty without one.
  std::vector<std::string> job_ids = {};
  // What it says of the fixture's contacts, as far as it says of every field of
  // the operation that it was found or not.
  std::map<size_t, const PlayedItem*> said = {};
  // What that is.
  std::map<size_t, Findings> findings = {};

  // Of the contacts it speaks of, those of whom this is found.
  std::vector<size_t> With(const Findings& wanted) const;
};

// Whether it says of every field that it was found, or not found.
bool IsGood(const PlayedItem& item);

// The ids that the job of this answer has, by the file's own expressions: one,
// or one for each contact in the order sent, empty for a refused one.
std::vector<std::string> JobIdsOf(const rest::SubmitPlan& submit,
                                  const HttpResponse& answer);

// Learns the step's answer. `job_ids` are those of the fixture's job.
PlayedAnswer LearnAnswer(const PlayedFixture& fixture, const PlayedStep& step,
                         const std::vector<std::string>& job_ids,
                         const rest::OperationPlan& operation,
                         const rest::SubmitPlan& submit);

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_PLAYED_ANSWER_H_
