#ifndef ENRICH_SIMULATOR_CREDIT_TEXT_H_
#define ENRICH_SIMULATOR_CREDIT_TEXT_H_

#include "base/json.h"
#include "model/credits.h"

namespace enrich::simulator {

// Writes credits the way the providers do: 2, 0.25.
inline void WriteCredits(Credits credits, json::Writer& out) {
  if (credits.milli % 1000 == 0) {
    out.Int(credits.milli / 1000);
  } else {
    out.Double(static_cast<double>(credits.milli) / 1000);
  }
}

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_CREDIT_TEXT_H_
