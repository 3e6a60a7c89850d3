#ifndef ENRICH_TESTS_SCALE_REQUESTS_H_
#define ENRICH_TESTS_SCALE_REQUESTS_H_

#include <cstdint>

#include "enrich/v1/enrichment_service.pb.h"

namespace enrich::scale {

// What a run asks for, without request ids. The same every time.
struct RequestPlan {
  // Contacts from this number on are asked for, so that runs on one store can
  // differ.
  int64_t first = 0;
  // In each request.
  int64_t batch = 1000;
  // Requests of many kinds instead: 1 to 1,000 contacts, with phones, people
  // who were asked for before, invalid contacts. They name the accounts enrow
  // and fullenrich-0 to fullenrich-3.
  bool mixed = false;
};

// The request with this number, of at most `most` contacts.
v1::EnrichBatchRequest MakeRequest(const RequestPlan& plan, int64_t number,
                                   int64_t most);

}  // namespace enrich::scale

#endif  // ENRICH_TESTS_SCALE_REQUESTS_H_
