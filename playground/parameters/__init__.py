"""The parameters of a model: its request schema as a form, and the form as a request body.

In reading order, ``schema`` before ``known`` before ``form``; each package imports only those before it.

``schema`` turns a published request schema into specifications. It knows no framework.

- ``bundling``: schemas copied together with everything that they refer to.
- ``keywords``: the values of single JSON Schema keywords, made fit for the validator.
- ``translate``: OpenAPI 3.0 and older drafts to plain JSON Schema 2020-12.
- ``validation``: values checked against a schema, and the error messages.
- ``spec``: the data classes that describe a parameter to a form.
- ``equality``: equality of JSON values.
- ``merging``: two schemas for the same place, merged into one.
- ``resolving``: references followed and ``allOf`` merged.
- ``alternatives``: the alternatives of ``oneOf`` and ``anyOf``.
- ``envelope``: the properties of a request that are no parameters.
- ``properties``: the properties at the root.
- ``bounds``: the text beside a name, such as "0 – 2".
- ``dates``: strings that are dates, and the format of each.
- ``options``: constants as options of a control.
- ``annotations``: default, title and examples.
- ``shapes``: questions about one schema: its type, its constants.
- ``single_values``: specifications of numbers, texts and choices.
- ``other_documents``: marks for what only another document of the model states.
- ``branches``: alternatives as branches of a control, with labels.
- ``reader``: all of it together: a request schema to specifications.
- ``cross_field``: the rules that concern several parameters.
- ``output_length``: how long an answer with these parameters may be, whatever the server calls them.
- ``request_schema``: a request schema with everything made from it, cached.

``known`` holds facts about parameters that no schema states.

- ``help``: group, help text and starting value of parameters known by name.
- ``longer_limit``: a higher limit for an answer that was cut off.
- ``conflicts``: parameters that exclude or need each other.
- ``schema_values``: parameters whose value is itself a JSON schema.
- ``value_remarks``: values that do not go together, and those that providers refuse.
- ``warnings``: advice beside a control, made from the above.

``form`` shows specifications as controls and reads what was posted.

- ``entry``: the state of one parameter's controls, and the names they post under.
- ``escapes``: line breaks in one-line inputs.
- ``parsing``: text to numbers, strings and JSON.
- ``entry_from_post``: posted data to entries.
- ``entry_to_value``: entries to values.
- ``cleaning``: values checked, each error at its control.
- ``entry_from_value``: stored values to entries.
- ``number_input``: slider, steps and starting point of a number.
- ``controls``: a control as its template sees it: texts and options.
- ``rendering``: entries to HTML.
- ``fields``: one parameter as a Django form field.
- ``extra``: the box for what the schema does not mention.
- ``parameter_form``: the form of all parameters of an endpoint.
- ``parts``: a large part of the form, rendered when the page asks for it.
- ``errors``: the errors of a posted form, as a list.
- ``feedback``: what a page updates after one control was changed.
- ``carrying``: values kept when the model changes.
- ``body``: the request body, checked against the whole schema.
"""
