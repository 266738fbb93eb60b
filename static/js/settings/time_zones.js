// The time zones that this browser knows, as suggestions for a field.
const list = document.getElementById("time-zones");
if (list && Intl.supportedValuesOf) {
  for (const zone of ["UTC", ...Intl.supportedValuesOf("timeZone")]) list.append(new Option("", zone));
}
