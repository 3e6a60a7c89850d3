#ifndef ENRICH_SIMULATOR_PRONTO_RENDER_H_
#define ENRICH_SIMULATOR_PRONTO_RENDER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/credits.h"
#include "model/field.h"
#include "simulator/options.h"
#include "simulator/person_oracle.h"
#include "simulator/pronto_request.h"

// Pronto's bodies.
namespace enrich::simulator {

// What the contacts of one request have in common.
struct ProntoBatch {
  // As answered to the POST.
  std::string id = {};
  FieldSet fields = {};
  std::vector<std::string> phone_countries = {};
  std::string webhook = {};
  // Of one contact of whom everything is found.
  Credits contact_price = {};
  // Contacts not done yet, and what the others cost.
  size_t running = 0;
  Credits cost = {};
};

enum class ProntoState : uint8_t {
  kPending,
  kFinished,
  // Pronto has no word for it: stays "pending".
  kFailed,
};

// The enrichment of one contact.
struct ProntoJob {
  // In bulk not that of the batch.
  std::string id = {};
  std::string account = {};
  std::shared_ptr<ProntoBatch> batch = {};
  ProntoContact contact = {};
  ProntoState state = ProntoState::kPending;
};

// What all of `fields` together cost.
Credits ProntoPrice(FieldSet fields, const ProntoOptions& options);

// What of the fields asked for is found and to be paid.
FieldSet ProntoFound(const PersonOracle& oracle, const ProntoJob& job);

// The enrichment as GET and webhooks have it.
std::string RenderProntoJob(const PersonOracle& oracle, const ProntoJob& job);

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_PRONTO_RENDER_H_
