#ifndef ENRICH_SIMULATOR_PRONTO_REQUEST_H_
#define ENRICH_SIMULATOR_PRONTO_REQUEST_H_

#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/json.h"
#include "http/http_message.h"
#include "model/field.h"
#include "simulator/ledger.h"
#include "simulator/person_oracle.h"

namespace enrich::simulator {

struct ProntoContact {
  PersonQuery person = {};
  // As received, JSON; empty when absent.
  std::string custom = {};
};

struct ProntoRequest {
  // One for a single enrichment.
  std::vector<ProntoContact> contacts = {};
  // What is looked up of each; one field in bulk.
  FieldSet fields = {};
  // ISO alpha-2, upper case; empty for phones of every country.
  std::vector<std::string> phone_countries = {};
  std::string webhook = {};
};

// Pronto's error body.
HttpResponse ProntoError(int status, absl::string_view error);

// Reads the body of a POST; a body Pronto refuses gives the refusal.
//
// Where the documentation is silent: a body that is no JSON object is 400, all
// else 422 with words of our own; a single enrichment takes any mix of types,
// as seen live; a LinkedIn URL must be one wherever it is given; `custom` must
// be an object. Names are required always, as documented, though one of
// Pronto's clients says a LinkedIn URL can stand for them.
std::variant<ProntoRequest, HttpResponse> ReadProntoRequest(
    bool bulk, const json::Value& root);

// Fills in keys, lookups and callback, whether the body would be refused or
// not.
void DescribeProntoRequest(bool bulk, const json::Value& root, Submission& out);

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_PRONTO_REQUEST_H_
